use super::{Dependency, Package, check, contracts_only};

/// The workspace as it is meant, with one dependency more.
fn with(name: &str, extra: &str) -> Vec<Package> {
    let mut packages = vec![
        Package::of("infra-core", &["thiserror"]),
        Package::of("infra-resources", &["infra-core", "infra-resources"]),
        Package::of("infra-check", &["infra-core", "infra-resources"]),
        Package::of("infra-price", &["infra-core", "infra-resources"]),
        Package::of(
            "infra-constructs",
            &["infra-core", "infra-resources", "infra-check", "contract-kit"],
        ),
        Package::of(
            "infra-stacks",
            &["infra-core", "infra-constructs", "contract-kit", "lake", "tv-guide"],
        ),
        Package::of("infra-deploy", &["infra-core", "infra-stacks", "aws-sdk-s3", "tokio"]),
        Package::of("contract-kit", &["thiserror"]),
        Package::of("lambda-kit", &["lambda_runtime", "tokio", "contract-kit"]),
        Package::of("lake", &["contract-kit", "serde", "jiff"]),
        Package::of("tv-guide", &["contract-kit"]),
        Package::of("lake-parquet", &["lake", "parquet"]),
        Package::of("lake-lambda", &["lake", "lake-parquet", "lambda-kit", "lambda_runtime"]),
        Package::of("tv-guide-lambda", &["tv-guide", "lambda-kit"]),
        Package::of("lake-cli", &["lake", "contract-kit", "aws-sdk-kinesis"]),
        Package::of("xtask", &["clap"]),
        Package::of("localstack-tests", &["infra-deploy", "lake", "aws-sdk-s3"]),
    ];
    let package = packages.iter_mut().find(|package| package.name == name);
    if let Some(package) = package {
        package.dependencies.push(Dependency {
            name: extra.to_owned(),
            is_for_tests: false,
        });
    }
    packages
}

#[test]
fn the_design_has_no_findings() {
    assert_eq!(check(&with("", "")), []);
}

#[track_caller]
fn refused(name: &str, extra: &str) {
    let findings = check(&with(name, extra));
    assert_eq!(findings.len(), 1, "{name} uses {extra}: {findings:?}");
    assert_eq!(findings[0].what, format!("{name} uses {extra}"));
    assert_eq!(findings[0].path, format!("{name}/Cargo.toml"));
}

#[test]
fn infra_points_down_its_layers() {
    refused("infra-core", "infra-resources");
    refused("infra-resources", "infra-constructs");
    refused("infra-check", "infra-price");
    refused("infra-stacks", "infra-deploy");
}

#[test]
fn infra_reads_no_handler_but_stacks_read_contracts() {
    refused("infra-resources", "contract-kit");
    refused("infra-constructs", "lake");
    refused("infra-deploy", "lake");
    refused("infra-stacks", "lake-lambda");
    refused("infra-stacks", "lake-parquet");
}

#[test]
fn synthesis_does_no_io() {
    refused("infra-core", "tokio");
    refused("infra-stacks", "aws-config");
    refused("infra-constructs", "reqwest");
}

#[test]
fn a_domain_is_pure() {
    refused("lake", "aws-sdk-s3");
    refused("lake", "lambda_runtime");
    refused("lake", "lambda-kit");
    refused("lake-parquet", "tokio");
    refused("contract-kit", "axum");
}

#[test]
fn an_app_never_reads_another() {
    refused("lake", "tv-guide");
    refused("lake-lambda", "tv-guide");
    refused("tv-guide-lambda", "lake-parquet");
    refused("tv-guide-lambda", "lake-lambda");
}

#[test]
fn handlers_read_no_infra() {
    refused("lake-lambda", "infra-stacks");
    refused("lake-cli", "infra-core");
    refused("lake", "infra-core");
}

#[test]
fn xtask_stays_light() {
    refused("xtask", "aws-config");
    refused("xtask", "lake");
}

#[test]
fn tests_may_take_a_real_contract_but_not_look_up() {
    let check = |extra: &str| {
        let mut packages = with("", "");
        let constructs = packages
            .iter_mut()
            .find(|package| package.name == "infra-constructs")
            .unwrap();
        constructs.dependencies.push(Dependency {
            name: extra.to_owned(),
            is_for_tests: true,
        });
        check(&packages).len()
    };
    assert_eq!(check("lake"), 0);
    assert_eq!(check("infra-constructs"), 0);
    assert_eq!(check("infra-deploy"), 1);
}

#[test]
fn tests_of_a_domain_may_wait() {
    let mut packages = with("", "");
    let lake = packages.iter_mut().find(|package| package.name == "lake").unwrap();
    lake.dependencies.push(Dependency {
        name: "tokio".to_owned(),
        is_for_tests: true,
    });
    assert_eq!(check(&packages), []);
}

#[track_caller]
fn reads_more(text: &str, lines: &[usize]) {
    let findings = contracts_only("infra/stacks/src/lake.rs", text, &with("", ""));
    let found: Vec<_> = findings.into_iter().map(|finding| finding.line).collect();
    assert_eq!(found, lines, "{text}");
}

#[test]
fn a_stack_reads_contracts() {
    reads_more("use lake::contract;\nuse lake::contract::{COLUMNS, output};\n", &[]);
    reads_more("let name = tv_guide::contract::TABLE;\n", &[]);
}

#[test]
fn a_stack_reads_nothing_else() {
    reads_more("\nuse lake::transform;\n", &[2]);
    reads_more("use lake::{contract, transform};\n", &[1]);
    reads_more("let a = tv_guide::ingest::run();\n", &[1]);
    reads_more("let a = ::lake::Reason::Unread;\n", &[1]);
    reads_more("use lake::contracts;\n", &[1]);
}

#[test]
fn a_stacks_own_module_of_that_name_is_no_crate() {
    reads_more("use crate::lake;\nlet a = lake::stack();\n", &[]);
    reads_more("use crate::{environment, lake};\nlet a = lake::stack();\n", &[]);
    reads_more("pub mod lake;\nlet a = lake::stack();\n", &[]);
    reads_more("use crate::lake::stack;\n", &[]);
    reads_more("mod lake;\nlet a = lake::stack();\n", &[]);
    reads_more("mod lake;\nlet a = ::lake::transform();\n", &[2]);
    reads_more("// lake::transform\nlet a = datalake::open();\n", &[]);
}
