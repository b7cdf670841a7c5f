//! What the API's stack and `tv-guide-api` agree on: the routes, the environment, the permissions.

use contract_kit::operation::{dynamodb, sts};

/// One operation of the API; the gateway's route, the function's and the document's are made from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// HTTP method.
    pub method: Method,
    /// Path with its parameters in braces, as API Gateway and OpenAPI both spell it: `/titles/{id}`.
    pub path: &'static str,
    /// Whether it is answered without a token.
    pub public: bool,
    /// Operation id of the OpenAPI document.
    pub operation: &'static str,
}

impl Route {
    /// The route key of API Gateway: `GET /titles/{id}`.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{} {}", self.method.as_str(), self.path)
    }
}

/// The methods that a route can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// `GET`.
    Get,
    /// `PUT`.
    Put,
    /// `DELETE`.
    Delete,
}

impl Method {
    /// Every method.
    pub const ALL: [Self; 3] = [Self::Get, Self::Put, Self::Delete];

    /// As HTTP spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

/// Every route of the API, in the order of the OpenAPI document.
///
/// A `$default` route without an authorizer goes to the function as well, which answers what is not
/// here with 404 or 405; it verifies tokens itself and relies on no route's authorizer.
pub const ROUTES: [Route; 13] = [
    public("/sources", "listSources"),
    public("/genres", "listGenres"),
    public("/channels", "listChannels"),
    public("/guide", "getGuide"),
    public("/openapi.json", "getOpenApi"),
    private(Method::Get, "/preferences", "getPreferences"),
    private(Method::Put, "/preferences", "putPreferences"),
    private(Method::Get, "/titles", "listTitles"),
    private(Method::Get, "/titles/{id}", "getTitle"),
    private(Method::Get, "/recommendations", "listRecommendations"),
    private(Method::Get, "/favourites", "listFavourites"),
    private(Method::Put, "/favourites/{kind}/{id}", "putFavourite"),
    private(Method::Delete, "/favourites/{kind}/{id}", "deleteFavourite"),
];

const fn public(path: &'static str, operation: &'static str) -> Route {
    Route {
        method: Method::Get,
        path,
        public: true,
        operation,
    }
}

const fn private(method: Method, path: &'static str, operation: &'static str) -> Route {
    Route {
        method,
        path,
        public: false,
        operation,
    }
}

contract_kit::environment! {
    /// Environment of `tv-guide-api`.
    pub ApiEnv {
        /// Environment name (`local`, `dev`, ...): the metrics' namespace is `headend/<environment>`.
        environment = "HEADEND_ENVIRONMENT",
        /// Name of the table `UKTVProgrammes`.
        table = "DYNAMODB_TABLE_NAME",
        /// ARN of the role that reads and writes one user's data; see [`UserNeeds`].
        user_role = "USER_DATA_ROLE_ARN",
        /// Id of the Cognito user pool, which begins with its region: `eu-west-2_AbCdEfGhI`.
        user_pool = "USER_POOL_ID",
        /// Ids of the app clients whose access tokens are taken, separated by commas.
        clients = "USER_POOL_CLIENT_IDS",
        /// Origins whose pages may read answers, exactly as browsers send them, separated by commas.
        origins = "SITE_ORIGINS",
    }
}

contract_kit::needs! {
    /// What `tv-guide-api` calls as itself: it reads what is everybody's.
    pub ApiNeeds {
        /// The table's own items whose partition key matches one of [`SHARED_KEYS`].
        items: dynamodb::Item [BATCH_GET_ITEM, GET_ITEM, QUERY],
        /// The items of the table's indexes whose partition key matches one of [`SHARED_KEYS`].
        indexed: dynamodb::Item [QUERY],
        /// The role with [`UserNeeds`]; its trust allows the function's role `sts:AssumeRole` and
        /// `sts:TagSession`, the latter with the one tag [`USER_TAG`].
        user: sts::Role [ASSUME_ROLE],
    }
}

contract_kit::needs! {
    /// What the role for users' data may do, when it is assumed with the tag [`USER_TAG`]: reach
    /// the table's items under [`USER_KEY`] and no others, on no index.
    pub UserNeeds {
        /// The user's own items.
        own: dynamodb::Item [DELETE_ITEM, PUT_ITEM, QUERY],
    }
}

/// Patterns of the partition keys, in the table and its indexes, that hold everybody's data.
///
/// `userpref:` and the index partitions `fav:` are not among them.
pub const SHARED_KEYS: [&str; 12] = [
    "airs:*",
    "bygenre:*",
    "bysource:*",
    "channel:*",
    "day:*",
    "long:*",
    "name:*",
    "new:*",
    "rated:*",
    "ref:*",
    "sg:*",
    "title:*",
];

/// The session tag that says whose data a session of the user role is for.
pub const USER_TAG: &str = "sub";

/// The partition key that a session of the user role is bound to, as a policy spells it.
pub const USER_KEY: &str = "userpref:${aws:PrincipalTag/sub}";

/// Headers that a page may send, for the gateway's and the function's answer to a preflight.
pub const CORS_REQUEST_HEADERS: [&str; 4] = ["authorization", "content-type", "if-match", "if-none-match"];

/// Headers that a page may read.
pub const CORS_RESPONSE_HEADERS: [&str; 2] = ["ETag", "Retry-After"];

/// How long a browser may keep the answer to a preflight, in seconds.
pub const CORS_MAX_AGE_SECONDS: u32 = 600;

/// Metrics that `tv-guide-api` writes, for the stack's alarms.
pub mod metric {
    /// Answers; count; with [`ROUTE`] and [`STATUS`].
    pub const REQUESTS: &str = "ApiRequests";
    /// Time from the parsed invocation to the finished answer; milliseconds; with [`ROUTE`].
    pub const LATENCY_MS: &str = "ApiLatencyMs";
    /// Requests whose token was refused; count; with [`REASON`].
    pub const AUTH_REJECTED: &str = "AuthRejected";
    /// Dimension: the operation id, or `none` for what no route takes.
    pub const ROUTE: &str = "Route";
    /// Dimension: the class of the status: `2xx`, `3xx`, `4xx`, `5xx`.
    pub const STATUS: &str = "Status";
    /// Dimension: the code of the refusal, one of `tv_guide::token::Refusal`'s closed set.
    pub const REASON: &str = "Reason";
}

/// What the API takes and gives at most.
pub mod limit {
    /// Largest body of a request, in bytes.
    pub const BODY_BYTES: usize = 64 * 1024;
    /// Largest token, in bytes; API Gateway takes headers of 10,240 bytes in all.
    pub const TOKEN_BYTES: usize = 16 * 1024;
    /// Longest window of `GET /guide` over all channels, in hours.
    pub const GUIDE_HOURS: i64 = 24;
    /// Longest window of `GET /guide` for one channel, in hours.
    pub const CHANNEL_HOURS: i64 = 7 * 24;
    /// Programmes in one answer of `GET /guide`, most.
    pub const GUIDE_PAGE: u32 = 2_000;
    /// Programmes in one answer of `GET /guide` unless the request says otherwise: an evening of a
    /// hundred channels.
    pub const GUIDE_PAGE_DEFAULT: u32 = 1_000;
    /// Titles in one answer of `GET /titles`, most.
    pub const TITLES_PAGE: u32 = 100;
    /// Titles in one answer of `GET /titles` unless the request says otherwise.
    pub const TITLES_PAGE_DEFAULT: u32 = 50;
    /// Titles in the answer of `GET /recommendations`.
    pub const RECOMMENDATIONS: usize = 20;
    /// A recommendation is rated above this, of ten.
    pub const RECOMMENDED_ABOVE: f64 = 7.0;
    /// Items that `GET /recommendations` reads at most before it answers with what it has.
    pub const RECOMMENDATIONS_READ: u32 = 1_000;
    /// Sources, and likewise genres, in the preferences of one user.
    pub const PREFERENCES: usize = 100;
    /// Ids that one `PUT /preferences` can add and remove: a DynamoDB transaction holds 100
    /// actions, and one of them moves the version.
    pub const PREFERENCE_CHANGES: usize = 99;
    /// Favourites of one user.
    pub const FAVOURITES: u32 = 200;
    /// Oldest `new_since` of `GET /titles`, in days before now: one query for each month.
    pub const NEW_SINCE_DAYS: i64 = 366;
}
