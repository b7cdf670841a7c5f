//! The guide's API behind API Gateway.

// The async functions of the API over those of the SDK nest deeper than the compiler's default.
#![recursion_limit = "256"]

use std::time::{Duration, Instant};

use jiff::Timestamp;
use lambda_kit::{aws, telemetry};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::value::RawValue;
use tv_guide::api::Caller;
use tv_guide::contract;
use tv_guide::contract::api::ApiEnv;
use tv_guide::token::{Refusal, Token, Verifier};
use tv_guide_lambda::dynamo::Dynamo;
use tv_guide_lambda::gateway::report::{self, Report};
use tv_guide_lambda::gateway::{Event, Gateway, Origins, Reply};
use tv_guide_lambda::keys::{Endpoint, KeyStore};
use tv_guide_lambda::session::Sessions;

/// The gateway waits for 30 seconds; a call that takes so long is not worth waiting for.
const CALL: Duration = Duration::from_secs(5);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::init();
    let api = Api::new().inspect_err(|error| tracing::error!("{error}"))?;
    let answer = async |event| api.answer(event).await;
    lambda_runtime::run(service_fn(answer)).await
}

/// What is made once and used by every invocation.
struct Api {
    namespace: String,
    gateway: Gateway,
    verifier: Verifier,
    keys: KeyStore<Endpoint>,
    shared: Dynamo,
    users: Sessions,
}

impl Api {
    fn new() -> Result<Self, Error> {
        let ApiEnv {
            environment,
            table,
            user_role,
            user_pool,
            clients,
            origins,
        } = ApiEnv::read(|key| std::env::var(key).ok())?;
        let clients = clients.split(',').map(str::to_owned);
        let verifier = Verifier::new(&user_pool, clients).ok_or("USER_POOL_ID does not begin with a region and `_`")?;
        let endpoint = Endpoint::new(&user_pool, aws::endpoint().as_deref())?;
        let config = aws::config(CALL);
        Ok(Self {
            namespace: contract::namespace(&environment),
            gateway: Gateway::new(Origins::listed(&origins)),
            verifier,
            keys: KeyStore::new(endpoint),
            shared: Dynamo::new(&config, table.as_str()),
            users: Sessions::new(&config, user_role, table),
        })
    }

    /// The request stays text until it is read, and nothing of it is copied.
    async fn answer(&self, event: LambdaEvent<Box<RawValue>>) -> Result<Reply, Error> {
        let start = Instant::now();
        let request: Event<'_> = serde_json::from_str(event.payload.get())
            .inspect_err(|error| tracing::error!(%error, "the event is none of an HTTP API (payload 2.0)"))?;
        let now = Timestamp::now();
        let mut refusal = None;
        let identify = async |authorization: Option<&str>| {
            let caller = self.identify(authorization, now).await;
            if let Caller::Refused(why) = &caller {
                refusal = Some(*why);
            }
            caller
        };
        let response = self
            .gateway
            .answer(&request, identify, &self.shared, &&self.users, now)
            .await;
        report::log(&response);
        let report = Report {
            namespace: &self.namespace,
            operation: response.operation.unwrap_or("none"),
            status: response.status,
            refusal,
            took: start.elapsed(),
            request_id: &event.context.request_id,
            timestamp_ms: now.as_millisecond().unsigned_abs(),
        };
        if let Err(error) = report.write(std::io::stdout().lock()) {
            // The answer is worth more than its metrics.
            tracing::error!(%error, "metrics are not written");
        }
        Ok(response.into())
    }

    async fn identify(&self, authorization: Option<&str>, now: Timestamp) -> Caller {
        let token = match Token::parse(authorization) {
            Ok(token) => token,
            Err(refusal) => return Caller::Refused(refusal),
        };
        match self.keys.get(token.kid(), now).await {
            Ok(Some(key)) => match self.verifier.verify(&token, &key, now) {
                Ok(user) => Caller::User(user),
                Err(refusal) => Caller::Refused(refusal),
            },
            Ok(None) => Caller::Refused(Refusal::UnknownKey),
            Err(unavailable) => Caller::Unknown(Box::new(unavailable)),
        }
    }
}
