//! What faces readers: the API, the people who sign in to it, and the page.

use ::tv_guide::contract::api::{
    self, ApiEnv, ApiNeeds, CORS_MAX_AGE_SECONDS, CORS_REQUEST_HEADERS, CORS_RESPONSE_HEADERS, Method, ROUTES,
    SHARED_KEYS, USER_KEY, USER_TAG, UserNeeds,
};
use ::tv_guide::contract::{index, output};
use infra_constructs::http_api::{HttpApi, Limit, Origins, Route, Tokens};
use infra_constructs::role::Session;
use infra_constructs::site::{self, Site};
use infra_constructs::user_pool::{self, Client, SignIn, UserPool};
use infra_constructs::{grant, table};
use infra_core::condition::{Condition, Test};
use infra_core::{Handle, Parameter, Template, Value, concat_values, pseudo};
use infra_resources::{api_gateway_v2, cognito, lambda, s3};

use super::function::{API, Common};
use super::{SYSTEM, Stores};
use crate::function::Own;

/// What faces readers.
pub(super) struct Front {
    pub(super) api: Handle<api_gateway_v2::Api>,
    pub(super) function: Handle<lambda::Function>,
}

/// People who look after the guide, as the seed called them.
const ADMINISTRATORS: &str = "SecurityAdmins";

/// Longest answer, in seconds: what the gateway waits for.
const TIMEOUT_SECONDS: u16 = 10;

/// The origins of pages that may call the API.
struct Pages {
    /// The distribution's own.
    own: Value<String>,
    /// Another one, where the condition holds.
    other: Value<String>,
    has_other: Condition,
}

/// People, and the app clients that they sign in with.
struct People {
    pool: Handle<cognito::UserPool>,
    /// The page's client, which asks for passwords itself.
    page: Handle<cognito::UserPoolClient>,
    /// The client of Cognito's own page.
    hosted: Handle<cognito::UserPoolClient>,
}

/// Adds the page, the people and the API.
pub(super) fn add(
    template: &mut Template,
    common: &Common<'_>,
    stores: &Stores,
    access_log: &Handle<s3::Bucket>,
    keep: bool,
) -> Front {
    let site = page(template, common, access_log, keep);
    let pages = Pages::new(template, &site);
    let people = people(template, common, &pages, keep);
    let function = function(template, common, stores, &pages, &people);
    let api = api(template, common, &function, &pages, &people);
    Front { api, function }
}

fn page(template: &mut Template, common: &Common<'_>, access_log: &Handle<s3::Bucket>, keep: bool) -> site::Made {
    let environment = common.environment;
    let of_service = |host: &str, service: &str| -> Value<String> {
        concat_values![
            "https://",
            host,
            service,
            ".",
            pseudo::region(),
            ".",
            pseudo::url_suffix()
        ]
    };
    // Any API of the region: its own is made after the page, whose origin it takes.
    let mut connect = vec![of_service("*.", "execute-api"), of_service("", "cognito-idp")];
    let further = &environment.settings.tv_guide.site.connect;
    connect.extend(further.iter().map(Value::from));
    let site = Site {
        name: environment.name(SYSTEM),
        description: format!("Page of the TV guide of {}", environment.stage),
        bucket: environment.bucket_name("tv-guide-site"),
        access_log,
        index: "index.html",
        missing: "404.html",
        connect,
        keep,
    };
    let site = site.add(template, "Site");
    template.output(
        output::SITE_BUCKET_NAME,
        "Bucket of the page's files",
        site.bucket.reference(),
    );
    template.output(
        output::DISTRIBUTION_ID,
        "Distribution of the page",
        site.distribution.id(),
    );
    site
}

impl Pages {
    fn new(template: &mut Template, site: &site::Made) -> Self {
        let other: Value<String> = template.parameter(
            "SiteOrigin",
            Parameter {
                description: "One more origin whose pages may call the API, such as http://127.0.0.1:8080; empty for none",
                default: Some(String::new()),
                allowed_pattern: Some("(https?://[^/*]+)?"),
                ..Parameter::default()
            },
        );
        let has_other = template.condition("HasSiteOrigin", !Test::equals(other.clone(), ""));
        let own: Value<String> = concat_values!["https://", site.distribution.domain_name()];
        template.output(output::SITE_URL, "Page of the guide", own.clone());
        Pages { own, other, has_other }
    }

    fn list(&self) -> Vec<Value<String>> {
        let other = Value::when(&self.has_other, self.other.clone(), pseudo::no_value());
        vec![self.own.clone(), other]
    }

    /// The same in one text.
    fn joined(&self) -> Value<String> {
        let both: Value<String> = concat_values![&self.own, ",", &self.other];
        Value::when(&self.has_other, both, self.own.clone())
    }
}

fn people(template: &mut Template, common: &Common<'_>, pages: &Pages, keep: bool) -> People {
    let environment = common.environment;
    // Unique among all pools of the region, hence the account.
    let domain: Value<String> = concat_values![environment.name(SYSTEM), "-", pseudo::account_id()];
    let pool = UserPool {
        name: environment.name(SYSTEM),
        domain: domain.clone(),
        keep,
    };
    let pool = pool.add(template, "Users");
    let group = cognito::UserPoolGroup {
        description: Some("People who look after the guide".into()),
        group_name: Some(ADMINISTRATORS.into()),
        ..cognito::UserPoolGroup::new(pool.reference())
    };
    template.add("Administrators", group);
    let page = Client {
        name: environment.name("tv-guide-page"),
        pool: &pool,
        sign_in: SignIn::Password,
    };
    let page = page.add(template, "PageClient");
    let slash = |origin: &Value<String>| -> Value<String> { concat_values![origin, "/"] };
    let other = Value::when(&pages.has_other, slash(&pages.other), pseudo::no_value());
    let hosted = Client {
        name: environment.name("tv-guide-hosted"),
        pool: &pool,
        sign_in: SignIn::Code {
            pages: vec![slash(&pages.own), other],
        },
    };
    let hosted = hosted.add(template, "HostedClient");
    template.output::<String>(
        output::TEST_USERNAME,
        "User that tests and demonstrations make",
        output::TEST_USER,
    );
    template.output(output::USER_POOL_ID, "Users of the guide", pool.reference());
    template.output(
        output::USER_POOL_CLIENT_ID,
        "App client that signs in with address and password",
        page.reference(),
    );
    let sign_in: Value<String> = concat_values!["https://", domain, ".auth.", pseudo::region(), ".amazoncognito.com"];
    template.output(output::SIGN_IN_URL, "Cognito's own page, for the code flow", sign_in);
    People { pool, page, hosted }
}

fn function(
    template: &mut Template,
    common: &Common<'_>,
    stores: &Stores,
    pages: &Pages,
    people: &People,
) -> Handle<lambda::Function> {
    let environment = common.environment;
    let settings = &environment.settings.tv_guide;
    let session = environment.name("tv-guide-user-data");
    let table_arn = stores.table.arn();
    let needs = ApiNeeds {
        items: grant::items(table_arn.clone(), &SHARED_KEYS),
        indexed: grant::indexed_items(&table_arn, &[index::GSI1, index::GSI2, index::GSI3], &SHARED_KEYS),
        user: grant::on(Session::arn(&session)),
    };
    let clients: Value<String> = concat_values![people.page.reference(), ",", people.hosted.reference()];
    let own = Own {
        name: API,
        description: "Answers the guide's API",
        code: &common.codes.api,
        architecture: settings.functions.architecture.into(),
        memory_mib: settings.functions.api_mib,
        timeout_seconds: TIMEOUT_SECONDS,
        concurrency: None,
        variables: ApiEnv {
            environment: environment.stage.name().into(),
            table: stores.table.reference().text(),
            user_role: Session::arn(&session).text(),
            user_pool: people.pool.reference().text(),
            clients,
            origins: pages.joined(),
        }
        .variables(),
        grants: needs.grants(),
    };
    let (function, role) = common.add(template, "Api", own);
    let needs = UserNeeds {
        own: grant::items_of(table_arn, USER_KEY),
    };
    let session = Session {
        name: session,
        by: &role,
        tag: USER_TAG,
        grants: [needs.grants(), table::open(common.key)].concat(),
    };
    session.add(template, "UserData");
    function
}

fn api(
    template: &mut Template,
    common: &Common<'_>,
    function: &Handle<lambda::Function>,
    pages: &Pages,
    people: &People,
) -> Handle<api_gateway_v2::Api> {
    let environment = common.environment;
    let limits = &environment.settings.tv_guide.api;
    let writes = Limit {
        rate: limits.write_rate,
        burst: limits.write_burst,
    };
    let route = |route: &api::Route| Route {
        id: capitalised(route.operation),
        key: route.key(),
        public: route.public,
        limit: (route.method != Method::Get).then_some(writes),
    };
    let api = HttpApi {
        name: environment.name(SYSTEM),
        description: "The TV guide's API",
        function,
        routes: ROUTES.iter().map(route).collect(),
        tokens: Tokens {
            issuer: user_pool::issuer(&people.pool),
            clients: vec![people.page.reference().text(), people.hosted.reference().text()],
        },
        origins: Origins {
            allowed: pages.list(),
            methods: Method::ALL.map(Method::as_str).to_vec(),
            request_headers: &CORS_REQUEST_HEADERS,
            response_headers: &CORS_RESPONSE_HEADERS,
            max_age_seconds: CORS_MAX_AGE_SECONDS,
        },
        limit: Limit {
            rate: limits.rate,
            burst: limits.burst,
        },
        key: common.key,
        log_days: environment.settings.operations.log_days,
    };
    let api = api.add(template, "Gateway");
    template.output(output::API_URL, "The guide's API", api.api_endpoint());
    api
}

/// `listSources` to `ListSources`.
fn capitalised(operation: &str) -> String {
    let (first, rest) = operation.split_at(1.min(operation.len()));
    first.to_ascii_uppercase() + rest
}
