//! The generator as a whole: on a schema made for the purpose, and on the real ones where they are.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use super::{
    Sources, build, differing, emit,
    manifest::Manifest,
    name,
    overlay::Overlay,
    resources,
    schema::{Registry, Schema, paths, texts},
    spelling::Spelling,
};

const OVERLAY: &str = r#"
    ["AWS::Unit::Thing"]
    about = "A thing"
    ref = "name"
    fields = { "Role" = "Arn<unit::Role>" }
    attributes = { "ThingName" = "Name<unit::Thing>" }

    ["AWS::Unit::Role"]
    about = "A role"
"#;

fn thing() -> Value {
    json!({
        "properties": {
            "Arn": {"type": "string"},
            "Items": {"type": "array", "items": {"$ref": "#/definitions/Item"}, "maxItems": 3, "uniqueItems": true},
            "Labels": {"type": "object", "patternProperties": {".*": {"type": "string"}}},
            "Modes": {"type": "array", "items": {"type": "string", "enum": ["ON", "OFF"]}},
            "Role": {"type": "string", "minLength": 20},
            "Size": {"type": "integer", "minimum": 1, "maximum": 9},
            "ThingName": {"type": "string", "pattern": "^[a-z]+$"},
            "Type": {"type": "string", "enum": ["A"]},
        },
        "definitions": {
            "Item": {
                "type": "object",
                "properties": {
                    "Inner": {"$ref": "#/definitions/Item"},
                    "Set": {"type": "string"},
                    "Status": {"type": "string", "enum": ["ON", "OFF"]},
                },
                "required": ["Status", "Set"],
                "dependentExcluded": {"Inner": ["Absent"]},
            },
        },
        "required": ["Size", "Role", "Arn"],
        "readOnlyProperties": ["/properties/Arn", "/properties/Items/*/Set"],
        "createOnlyProperties": ["/properties/ThingName"],
        "primaryIdentifier": ["/properties/ThingName"],
    })
}

fn schemas() -> Vec<Schema> {
    let schema = |name: &str, root| Schema {
        type_name: name.to_owned(),
        hash: "0".to_owned(),
        root,
    };
    vec![
        schema("AWS::Unit::Role", json!({"properties": {}})),
        schema("AWS::Unit::Thing", thing()),
    ]
}

fn generated(overlay: &str) -> anyhow::Result<String> {
    let services = build::services(&schemas(), &Overlay::parse(overlay)?, &Spelling::default())?;
    Ok(emit::service(&services[0], "a test"))
}

#[track_caller]
fn check(expected: &[&str]) {
    let text = generated(OVERLAY).unwrap();
    for line in expected {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
}

#[test]
fn required_properties_are_arguments_and_read_only_ones_are_not() {
    check(&[
        "pub fn new(role: impl Into<Value<Arn<crate::unit::Role>>>, size: impl Into<Value<i64>>) -> Self {",
        "pub fn new(status: impl Into<Value<ItemStatus>>) -> Self {",
    ]);
    assert!(!generated(OVERLAY).unwrap().contains("pub set:"));
}

#[test]
fn properties_have_the_types_of_their_shapes() {
    check(&[
        "pub items: Option<Vec<Item>>,",
        "pub labels: Option<Vec<(String, Value<String>)>>,",
        "pub modes: Option<Vec<Value<Mode>>>,",
        "pub r#type: Option<Value<Type>>,",
        "pub inner: Option<Box<Item>>,",
        "pub status: Value<ItemStatus>,",
    ]);
}

#[test]
fn attributes_are_the_read_only_properties_and_those_of_the_overlay() {
    let text = generated(OVERLAY).unwrap();
    let methods = text.matches("(&self) -> Value<").count();
    check(&[
        "pub fn arn(&self) -> Value<Arn<Thing>> {",
        "pub fn thing_name(&self) -> Value<Name<crate::unit::Thing>> {",
    ]);
    assert_eq!(methods, 2);
}

#[test]
fn facts_hold_limits_and_drop_rules_about_absent_members() {
    check(&[
        r#"name: "Size", shape: Shape::Integer(&[Limit::AtLeast(1.0), Limit::AtMost(9.0)])"#,
        r#"name: "ThingName", shape: Shape::Text(&[Limit::Pattern(r"^[a-z]+$")])"#,
        r#"name: "Items", shape: Shape::List(&Shape::Object(&ITEM), &[Limit::MaxItems(3), Limit::Unique])"#,
        r#"create_only: &["ThingName"],"#,
    ]);
    assert!(!generated(OVERLAY).unwrap().contains("Absent"));
}

#[test]
fn docs_say_what_a_change_does() {
    check(&[
        "/// `ThingName`: text, matches `^[a-z]+$`. A change replaces the resource.",
        "/// `Size`, required: whole number, 1 to 9. Changes in place.",
        "/// `Modes`: list of texts (`ON` or `OFF`). Changes in place.",
    ]);
}

#[test]
fn an_overlay_that_does_not_fit_the_schemas_is_an_error() {
    for (overlay, complaint) in [
        (OVERLAY.replace("\"Role\" =", "\"Rolle\" ="), "match nothing"),
        (OVERLAY.replace("Arn<unit::Role>", "Arn<unit::Roll>"), "Arn<unit::Roll>"),
        (OVERLAY.replace("\"ThingName\" =", "\"Nickname\" ="), "Nickname"),
        (OVERLAY.replace("AWS::Unit::Role", "AWS::Unit::Rule"), "AWS::Unit::Role"),
    ] {
        let error = format!("{:#}", generated(&overlay).unwrap_err());
        assert!(error.contains(complaint), "{error}");
    }
}

#[test]
fn check_names_the_files_that_are_missing_changed_or_strange() {
    let folder = tempfile::tempdir().unwrap();
    let generated = folder.path().join("infra/resources/src/generated");
    fs::create_dir_all(&generated).unwrap();
    for name in ["changed.rs", "same.rs", "strange.rs"] {
        fs::write(generated.join(name), "old").unwrap();
    }
    let file = |name: &str, text: &str| (format!("infra/resources/src/generated/{name}"), text.to_owned());
    let files = BTreeMap::from([
        file("changed.rs", "new"),
        file("missing.rs", "new"),
        file("same.rs", "old"),
    ]);
    let expected =
        ["changed.rs", "missing.rs", "strange.rs"].map(|name| format!("infra/resources/src/generated/{name}"));
    assert_eq!(differing(folder.path(), &files).unwrap(), expected);
}

/// The workspace and the environments with the tables, where those have been made; CI always makes them.
fn real() -> Option<(PathBuf, Sources)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned();
    let venv = |name: &str| Some(root.join("target/tools").join(name)).filter(|venv| venv.join("lib").exists());
    let (lint, sentry) = (venv("lint")?, venv("sentry")?);
    Some((root, Sources { lint, sentry }))
}

#[test]
fn a_different_version_of_cfn_lint_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let packages = folder.path().join("lib/python3/site-packages");
    fs::create_dir_all(packages.join("cfnlint")).unwrap();
    fs::create_dir_all(packages.join("cfn_lint-1.0.0.dist-info")).unwrap();
    let error = Registry::open(folder.path(), "2.0.0", "us-east-1")
        .err()
        .unwrap()
        .to_string();
    assert!(error.contains("cfnlint 1.0.0 is installed"), "{error}");
    assert!(error.contains("schemas.toml pins 2.0.0"), "{error}");
}

/// Reads the schemas anew and the generated text as text, so that a fault of the model shows.
#[test]
fn every_property_of_every_type_can_be_set_and_the_required_ones_must_be() {
    let Some((root, sources)) = real() else { return };
    let files = resources(&root, &sources).unwrap();
    let manifest = Manifest::parse(&files["infra/resources/schemas.toml"]).unwrap();
    let registry = Registry::open(&sources.lint, &manifest.cfn_lint, &manifest.region).unwrap();
    for type_name in manifest.types.keys() {
        let root = registry.schema(type_name).unwrap().root;
        let parts: Vec<&str> = type_name.split("::").collect();
        let file = &files[&format!("infra/resources/src/generated/{}.rs", name::service(parts[1]))];
        let start = file.find(&format!("pub mod {} {{", name::snake(parts[2]))).unwrap();
        let module = file[start..].split("\n}\n").next().unwrap();

        let read_only = paths(&root, "readOnlyProperties");
        let is_settable = |property: &String| !read_only.contains(property);
        let properties = root["properties"].as_object().unwrap().keys().cloned();
        let settable: BTreeSet<String> = properties.filter(is_settable).collect();
        assert_eq!(set(module), settable, "{type_name}");

        let required = texts(&root, "required").into_iter().filter(is_settable);
        let expected: BTreeSet<String> = required.map(|property| name::snake(&property)).collect();
        assert_eq!(arguments(module, &name::camel(parts[2])), expected, "{type_name}");
    }
}

/// The properties that `into_properties` sets.
fn set(module: &str) -> BTreeSet<String> {
    let body = module.split("fn into_properties(self) -> Node {").nth(1).unwrap();
    let calls = body.split(".into_node()").next().unwrap().split("(\"").skip(1);
    calls
        .filter_map(|call| call.split('"').next())
        .map(str::to_owned)
        .collect()
}

/// The names of the arguments of a struct's `new`.
fn arguments(module: &str, name: &str) -> BTreeSet<String> {
    let implementation = module.split(&format!("\n    impl {name} {{")).nth(1).unwrap();
    let signature = implementation.split("pub fn new(").nth(1).unwrap();
    let signature = signature.split(") -> Self").next().unwrap();
    let arguments = signature
        .split([',', '\n'])
        .filter_map(|argument| argument.split_once(": "));
    arguments.map(|(name, _)| name.trim().to_owned()).collect()
}

#[test]
fn the_same_schemas_give_the_same_bytes() {
    assert_eq!(generated(OVERLAY).unwrap(), generated(OVERLAY).unwrap());
}
