//! What a function calls is what its contract declares, no more and no less.
//!
//! The names of the SDK's methods and of IAM's actions differ in their spelling alone, but for the
//! few in [`RENAMED`]; so the text of the sources is enough to compare them. A call that is signed by
//! hand is a literal in them, `"AWSGlue.GetTable"`.

use std::collections::{BTreeMap, BTreeSet};

use super::{Finding, layers::Package};

/// The constants of each service's calls, as `cargo xtask codegen` writes them.
const OPERATIONS: &str = "handlers/contract-kit/src/operation/generated/";

/// The SDK's own names of services, where IAM has another.
const SERVICES: [(&str, &str); 7] = [
    ("cloudwatchlogs", "logs"),
    ("cognitoidentity", "cognito_identity"),
    ("cognitoidentityprovider", "cognito_idp"),
    ("elasticloadbalancingv2", "elasticloadbalancing"),
    ("eventbridge", "events"),
    ("rdsdata", "rds_data"),
    ("sfn", "states"),
];

/// Methods of the SDK that IAM knows under the name of another call.
const RENAMED: [(&str, &str, &str); 10] = [
    ("lambda", "invoke", "INVOKE_FUNCTION"),
    ("s3", "complete_multipart_upload", "PUT_OBJECT"),
    ("s3", "copy_object", "PUT_OBJECT"),
    ("s3", "create_multipart_upload", "PUT_OBJECT"),
    ("s3", "delete_objects", "DELETE_OBJECT"),
    ("s3", "head_bucket", "LIST_BUCKET"),
    ("s3", "head_object", "GET_OBJECT"),
    ("s3", "list_objects_v2", "LIST_BUCKET"),
    ("s3", "list_parts", "LIST_MULTIPART_UPLOAD_PARTS"),
    ("s3", "upload_part", "PUT_OBJECT"),
];

/// What the names of calls begin with in AWS's JSON protocol, by service.
const TARGETS: [(&str, &str); 2] = [("AWSGlue", "glue"), ("AmazonAthena", "athena")];

/// Declares what AWS itself calls with a role that it is given: Firehose, a crawler, the mapping of
/// a stream. No function calls any of it, wherever its stack is written.
const CONSTRUCTS: &str = "infra-constructs";

/// Service and constant: `dynamodb` and `PUT_ITEM`.
type Call = (String, String);

/// Finds calls that no contract declares, and declared ones that nothing makes.
///
/// `sources` are the Rust files by path.
pub(super) fn check(packages: &[Package], sources: &BTreeMap<String, String>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for function in packages.iter().filter(|package| package.uses("lambda_runtime")) {
        let own = files(function, sources);
        let services = services(function, &own);
        let mut made: BTreeMap<Call, (&str, usize)> = BTreeMap::new();
        for (path, text) in &own {
            for (line, call) in calls(text, &services, sources) {
                made.entry(call).or_insert((path, line));
            }
        }
        let contracts = packages
            .iter()
            .filter(|other| function.uses(other.name()) && other.name() != CONSTRUCTS)
            .chain([function]);
        let mut declared: BTreeMap<Call, (&str, usize)> = BTreeMap::new();
        for (path, text) in contracts.flat_map(|contract| files(contract, sources)) {
            for (line, call) in declarations(text) {
                declared.entry(call).or_insert((path, line));
            }
        }
        let undeclared = made.iter().filter(|(call, _)| !declared.contains_key(*call));
        for ((service, name), (path, line)) in undeclared {
            let what = format!(
                "calls {service}::{name}, which no `needs!` of {} declares",
                function.name()
            );
            findings.push(Finding::new(
                path,
                *line,
                what,
                "declare it beside the port that calls it",
            ));
        }
        let is_ours = |(call, _): &(&Call, _)| services.contains(&call.0) && !made.contains_key(*call);
        for ((service, name), (path, line)) in declared.iter().filter(is_ours) {
            let what = format!("declares {service}::{name}, which {} never calls", function.name());
            findings.push(Finding::new(path, *line, what, "take it out of `needs!`"));
        }
    }
    findings
}

/// The services that a package has an SDK for or calls by hand, as modules of
/// `contract_kit::operation`.
fn services(package: &Package, own: &[(&str, &str)]) -> BTreeSet<String> {
    let sdks = package.uses_all().filter_map(|name| name.strip_prefix("aws-sdk-"));
    let module = |sdk: &str| {
        let renamed = SERVICES.iter().find(|(name, _)| *name == sdk);
        renamed.map_or(sdk, |(_, module)| module).to_owned()
    };
    let by_hand = own.iter().flat_map(|(_, text)| targets(text));
    sdks.map(module)
        .chain(by_hand.map(|(_, service, _)| service.to_owned()))
        .collect()
}

/// The package's own sources, without its tests and benches.
fn files<'a>(package: &Package, sources: &'a BTreeMap<String, String>) -> Vec<(&'a str, &'a str)> {
    let folder = format!("{}/src/", package.folder());
    let files = sources
        .iter()
        .filter(|(path, _)| path.starts_with(&folder) && !path.ends_with("/tests.rs") && !path.contains("/operation/"));
    files.map(|(path, text)| (path.as_str(), text.as_str())).collect()
}

/// The calls that a text makes, with their lines.
fn calls(text: &str, services: &BTreeSet<String>, sources: &BTreeMap<String, String>) -> Vec<(usize, Call)> {
    let mut calls = Vec::new();
    let code = text
        .lines()
        .zip(1..)
        .filter(|(line, _)| !line.trim_start().starts_with("//"));
    for (line, number) in code {
        for method in methods(line) {
            for service in services {
                let renamed = RENAMED.iter().find(|(of, name, _)| of == service && *name == method);
                let constant = renamed.map_or_else(|| method.to_uppercase(), |(.., constant)| (*constant).to_owned());
                let table = sources.get(&format!("{OPERATIONS}{service}.rs"));
                if table.is_some_and(|table| table.contains(&format!(" {constant} = "))) {
                    calls.push((number, (service.clone(), constant)));
                }
            }
        }
    }
    for (number, service, operation) in targets(text) {
        let table = sources
            .get(&format!("{OPERATIONS}{service}.rs"))
            .map_or("", String::as_str);
        let constant = table
            .lines()
            .filter_map(|line| line.split_once(" = "))
            .find(|(_, name)| name.trim_end_matches(',') == format!("\"{operation}\""));
        // One that IAM does not know is declared by nobody.
        let constant = constant.map_or(operation, |(constant, _)| constant.trim());
        calls.push((number, (service.to_owned(), constant.to_owned())));
    }
    calls
}

/// The calls that are made by hand: line, service, and operation.
fn targets(text: &str) -> impl Iterator<Item = (usize, &'static str, &str)> {
    let code = text
        .lines()
        .zip(1..)
        .filter(|(line, _)| !line.trim_start().starts_with("//"));
    code.flat_map(|(line, number)| {
        TARGETS.iter().flat_map(move |(prefix, service)| {
            line.split('"').skip(1).step_by(2).filter_map(move |literal| {
                let operation = literal.strip_prefix(prefix)?.strip_prefix('.')?;
                Some((number, *service, operation))
            })
        })
    })
}

/// The names in `.name(`.
fn methods(line: &str) -> impl Iterator<Item = &str> {
    line.split('.').skip(1).filter_map(|rest| {
        let end = rest.find(|char: char| !char.is_ascii_alphanumeric() && char != '_')?;
        rest[end..].starts_with('(').then_some(&rest[..end])
    })
}

/// The calls that the `needs!` of a text declare, with the lines of their kinds of resource.
fn declarations(text: &str) -> Vec<(usize, Call)> {
    let mut calls = Vec::new();
    // What follows the name of the macro, to the end of its outer braces.
    for (start, _) in text.match_indices(concat!("needs", "! {")) {
        if text[..start]
            .lines()
            .next_back()
            .is_some_and(|line| line.trim_start().starts_with("//"))
        {
            continue;
        }
        let block = &text[start..];
        let block = &block[..block.find("\n}").unwrap_or(block.len())];
        for (open, _) in block.match_indices('[').filter(|(at, _)| !block[..*at].ends_with('#')) {
            let path = block[..open].trim_end();
            let path = &path[path.rfind(char::is_whitespace).map_or(0, |space| space + 1)..];
            let service = path.rsplit("::").nth(1).unwrap_or_default();
            let names = block[open + 1..].split(']').next().unwrap_or_default();
            let line = text[..start + open].lines().count();
            let names = names.split(',').map(str::trim).filter(|name| !name.is_empty());
            calls.extend(names.map(|name| (line, (service.to_owned(), name.to_owned()))));
        }
    }
    calls
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{OPERATIONS, Package, check};

    const CONTRACT: &str = "contract_kit::needs! {\n    /// [It] writes.\n    pub Needs {\n        #[doc = \"x\"]\n        \
                            rows: operation::s3::Object [PUT_OBJECT],\n        key: kms::Key [DECRYPT],\n    }\n}\n";

    /// The findings about a function whose source is `source`, without the cure.
    #[track_caller]
    fn findings(contract: &str, source: &str) -> Vec<String> {
        let packages = [
            Package::of("lake", &["contract-kit"]),
            Package::of("infra-constructs", &["contract-kit"]),
            Package::of(
                "lake-lambda",
                &["lake", "infra-constructs", "lambda_runtime", "aws-sdk-s3"],
            ),
            Package::of("lake-cli", &["lake", "aws-sdk-s3"]),
        ];
        let sources = BTreeMap::from([
            (
                format!("{OPERATIONS}s3.rs"),
                "    GET_OBJECT = \"\",\n    PUT_OBJECT = \"\",\n".to_owned(),
            ),
            (
                format!("{OPERATIONS}glue.rs"),
                "    GET_PARTITION = \"GetPartition\",\n    GET_TABLE = \"GetTable\",\n    GET_TABLES = \"GetTables\",\n"
                    .to_owned(),
            ),
            ("lake/src/contract.rs".to_owned(), contract.to_owned()),
            (
                "infra-constructs/src/delivery.rs".to_owned(),
                "contract_kit::needs! {\n    Needs { rows: operation::s3::Object [ABORT_MULTIPART_UPLOAD] }\n}\n"
                    .to_owned(),
            ),
            ("lake-lambda/src/s3.rs".to_owned(), source.to_owned()),
            ("lake-cli/src/main.rs".to_owned(), "client.get_object();".to_owned()),
        ]);
        let findings = check(&packages, &sources);
        findings
            .iter()
            .map(|finding| format!("{}:{}: {}", finding.path, finding.line, finding.what))
            .collect()
    }

    #[test]
    fn what_is_declared_and_called_is_fine() {
        for source in [
            "client.put_object().send()",
            "client\n    .upload_part()",
            "client.put_object().key(key.query())",
        ] {
            assert_eq!(findings(CONTRACT, source), [""; 0]);
        }
    }

    #[test]
    fn a_call_that_no_contract_declares_is_found() {
        let found = findings(
            CONTRACT,
            "client.put_object();\n// client.get_object()\nclient.head_object();",
        );
        let expected = "lake-lambda/src/s3.rs:3: calls s3::GET_OBJECT, which no `needs!` of lake-lambda declares";
        assert_eq!(found, [expected]);
    }

    #[test]
    fn a_call_that_is_not_made_is_found_for_the_services_that_are_called() {
        let found = findings(CONTRACT, "");
        let expected = "lake/src/contract.rs:5: declares s3::PUT_OBJECT, which lake-lambda never calls";
        assert_eq!(found, [expected]);
    }

    #[test]
    fn a_call_that_is_signed_by_hand_is_one() {
        let contract = CONTRACT.replace("s3::Object [PUT_OBJECT]", "glue::Table [GET_TABLE, GET_PARTITION]");
        let made = "client.call(\"AWSGlue.GetTable\");\nclient.call(\"AWSGlue.GetPartition\")";
        assert_eq!(findings(&contract, made), [""; 0]);
        let (table, declares) = (
            "client.call(\"AWSGlue.GetTable\");",
            "lake/src/contract.rs:5: declares glue::GET_PARTITION",
        );
        assert_eq!(
            findings(&contract, table),
            [format!("{declares}, which lake-lambda never calls")]
        );
        let more = format!("{made};\n// \"AWSGlue.No\"\nclient.call(\"AWSGlue.GetTables\", \"AWSGlue.Strange\")");
        let found = findings(&contract, &more);
        let undeclared = |name: &str| {
            format!("lake-lambda/src/s3.rs:4: calls glue::{name}, which no `needs!` of lake-lambda declares")
        };
        assert_eq!(found, ["GET_TABLES", "Strange"].map(undeclared));
    }

    #[test]
    fn an_example_in_a_comment_declares_nothing() {
        let comment: String = CONTRACT.lines().map(|line| format!("/// {line}\n")).collect();
        assert_eq!(findings(&comment, ""), [""; 0]);
    }
}
