//! Lambda: code and runtime, event sources, permissions.

use crate::check::{Check, Resource};
use crate::rule::rules;
use crate::tree::Tree;

rules! {
    ZIP = error("function-zip-parts", "a function from a zip has Handler and Runtime", "set both, or use an image", ["W2533", "E3678"]);
    IMAGE = error("function-image-parts", "a function from an image has no Handler, Runtime or Layers", "remove them", ["E3685"]);
    INLINE = error("function-inline-runtime", "inline code is Python or JavaScript", "use a zip in S3", ["E3677"]);
    DEPRECATED = error("function-runtime-deprecated", "a runtime is one that AWS still lets be created", "move to a newer runtime", ["E2531", "W2531", "E2533", "CKV_AWS_363", "AwsSolutions-L1"]);
    RESERVED = error("function-reserved-variable", "no environment variable has a name that Lambda sets itself", "rename the variable", ["E3663"]);
    VARIABLES = error("function-variables-size", "the environment variables have at most 4 KB", "keep the values elsewhere", ["E3697"]);
    LOG_LEVEL = error("function-log-level", "log levels are set for JSON logs only", "set LogFormat to JSON", ["E3696"]);
    POSITION = error("mapping-starting-position", "a stream has a StartingPosition, a queue has none", "set it for streams only", ["E3633", "E3634"]);
    BATCH = error("mapping-batch-size", "batches of a queue keep its limits", "at most 10 for FIFO queues, and above 10 only with MaximumBatchingWindowInSeconds", ["E3705"]);
    VISIBILITY = error("mapping-visibility-timeout", "a queue hides a message at least as long as its function may run", "raise VisibilityTimeout", ["E3505"]);
    SOURCE_ACCOUNT = warning("permission-source-account", "a permission for an ARN without account names the account", "set SourceAccount", ["W3663"]);
    SOURCE_KIND = warning("permission-principal", "the principal of a permission is the service of its SourceArn", "name the service that calls", ["W3664"]);
}

/// Runtimes that can no longer be created.
const DEPRECATED_RUNTIMES: [&str; 24] = [
    "dotnet5.0",
    "dotnet6",
    "dotnetcore1.0",
    "dotnetcore2.0",
    "dotnetcore2.1",
    "dotnetcore3.1",
    "go1.x",
    "java8",
    "nodejs",
    "nodejs4.3",
    "nodejs4.3-edge",
    "nodejs6.10",
    "nodejs8.10",
    "nodejs10.x",
    "nodejs12.x",
    "nodejs14.x",
    "nodejs16.x",
    "provided",
    "python2.7",
    "python3.6",
    "python3.7",
    "python3.8",
    "ruby2.5",
    "ruby2.7",
];

/// Variables that Lambda sets.
const RESERVED_VARIABLES: [&str; 18] = [
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
];

/// Bytes of all names and values of environment variables.
const MAX_VARIABLES: usize = 4_096;

pub(super) fn function<'a>(cx: &mut Check<'a>, resource: Resource<'a>) {
    let has = |name: &str| resource.at(name).is_some();
    let runtime = resource.at("Runtime").and_then(Tree::text);
    match resource.at("PackageType").and_then(Tree::text) {
        Some("Image") => {
            for name in ["Handler", "Runtime", "Layers"].into_iter().filter(|name| has(name)) {
                cx.report(&IMAGE, format!("{name} does not go with an image"));
            }
        }
        _ if has("Code.ImageUri") => {}
        _ => {
            for name in ["Handler", "Runtime"].into_iter().filter(|name| !has(name)) {
                cx.report(&ZIP, format!("{name} is required"));
            }
        }
    }
    if let Some(runtime) = runtime {
        if DEPRECATED_RUNTIMES.contains(&runtime) {
            cx.report_at("Runtime", &DEPRECATED, format!("{runtime} can no longer be created"));
        }
        if has("Code.ZipFile") && !runtime.starts_with("nodejs") && !runtime.starts_with("python") {
            cx.report_at("Code", &INLINE, format!("{runtime} takes no inline code"));
        }
    }
    variables(cx, resource);
    let format = resource
        .at("LoggingConfig.LogFormat")
        .and_then(Tree::text)
        .unwrap_or("Text");
    let has_level = has("LoggingConfig.SystemLogLevel") || has("LoggingConfig.ApplicationLogLevel");
    if has_level && format == "Text" {
        cx.report_at("LoggingConfig", &LOG_LEVEL, "LogFormat is Text");
    }
}

fn variables<'a>(cx: &mut Check<'a>, resource: Resource<'a>) {
    let Some(variables) = resource.at("Environment.Variables") else {
        return;
    };
    let mut size = 0;
    for (name, value) in variables.members() {
        size += name.len() + value.text().map_or(0, str::len);
        if RESERVED_VARIABLES.contains(&name.as_ref()) {
            cx.report_at("Environment", &RESERVED, format!("{name} is set by Lambda"));
        }
    }
    if size > MAX_VARIABLES {
        cx.report_at("Environment", &VARIABLES, format!("{size} bytes are too many"));
    }
}

/// The kind of what a mapping reads.
fn source<'a>(cx: &Check<'a>, tree: &Tree) -> Option<(&'static str, Option<Resource<'a>>)> {
    if let Some(target) = cx.target(tree) {
        let kind = match target.kind {
            "AWS::SQS::Queue" => "sqs",
            "AWS::Kinesis::Stream" | "AWS::Kinesis::StreamConsumer" => "kinesis",
            "AWS::DynamoDB::Table" => "dynamodb",
            _ => return None,
        };
        return Some((kind, Some(*target)));
    }
    let text = crate::function::resolve(tree)?;
    let service = text.split(':').nth(2)?;
    let kind = ["sqs", "kinesis", "dynamodb", "kafka"]
        .into_iter()
        .find(|kind| *kind == service)?;
    Some((kind, None))
}

pub(super) fn mapping<'a>(cx: &mut Check<'a>, resource: Resource<'a>) {
    let Some((kind, target)) = resource.at("EventSourceArn").and_then(|arn| source(cx, arn)) else {
        return;
    };
    let has_position = resource.at("StartingPosition").is_some();
    match (kind, has_position) {
        ("sqs", true) => cx.report_at("StartingPosition", &POSITION, "a queue has no position"),
        ("sqs", false) => {}
        (_, false) => cx.report(&POSITION, "StartingPosition is required for a stream"),
        _ => {}
    }
    let Some(queue) = target.filter(|_| kind == "sqs") else {
        return;
    };
    let batch = resource.at("BatchSize").and_then(Tree::number).unwrap_or(10.0);
    let window = resource.at("MaximumBatchingWindowInSeconds").and_then(Tree::number);
    let is_fifo = queue.at("FifoQueue").and_then(Tree::truth) == Some(true);
    if batch > 10.0 && (is_fifo || window.unwrap_or(0.0) < 1.0) {
        cx.report_at("BatchSize", &BATCH, format!("{batch} are too many"));
    }
    let function = resource.at("FunctionName").and_then(|name| cx.target(name).copied());
    let seconds = |resource: &Resource<'_>, name: &str, default: f64| match resource.at(name) {
        Some(value) => value.number(),
        None => Some(default),
    };
    if let Some(function) = function.filter(|function| function.kind == "AWS::Lambda::Function")
        && let Some(timeout) = seconds(&function, "Timeout", 3.0)
        && let Some(visible) = seconds(&queue, "VisibilityTimeout", 30.0)
        && visible < timeout
    {
        cx.report(
            &VISIBILITY,
            format!(
                "{} hides messages for {visible} s, and the function may run {timeout} s",
                queue.id
            ),
        );
    }
}

/// Who calls on behalf of a resource of this type.
const CALLERS: [(&str, &str); 6] = [
    ("AWS::ApiGateway::RestApi", "apigateway.amazonaws.com"),
    ("AWS::ApiGatewayV2::Api", "apigateway.amazonaws.com"),
    ("AWS::Cognito::UserPool", "cognito-idp.amazonaws.com"),
    ("AWS::Events::Rule", "events.amazonaws.com"),
    ("AWS::S3::Bucket", "s3.amazonaws.com"),
    ("AWS::SNS::Topic", "sns.amazonaws.com"),
];

pub(super) fn permission<'a>(cx: &mut Check<'a>, resource: Resource<'a>) {
    let Some(source) = resource.at("SourceArn") else { return };
    let target = cx.target(source).map(|target| target.kind);
    let has_no_account = match crate::function::resolve(source) {
        Some(arn) => !arn
            .split(':')
            .any(|part| part.len() == 12 && part.bytes().all(|byte| byte.is_ascii_digit())),
        None => target == Some("AWS::S3::Bucket"),
    };
    if has_no_account && resource.at("SourceAccount").is_none() {
        cx.report(
            &SOURCE_ACCOUNT,
            "the ARN of a bucket has no account, so whoever owns the name next may call",
        );
    }
    let principal = resource.at("Principal").and_then(Tree::text);
    let caller = CALLERS.iter().find(|(kind, _)| Some(*kind) == target);
    if let (Some(principal), Some((kind, caller))) = (principal, caller)
        && principal != *caller
    {
        cx.report_at(
            "Principal",
            &SOURCE_KIND,
            format!("{kind} calls as {caller}, not as {principal}"),
        );
    }
}
