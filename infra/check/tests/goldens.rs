//! The committed templates of every environment: nothing is wrong with them, and what is broken
//! in them is found.

use std::fs;
use std::path::Path;

use infra_check::{Document, check};

/// Name and YAML of each committed template.
fn goldens() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../stacks/tests/snapshots");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut goldens: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|ending| ending == "snap"))
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            // Before the template stands what insta says about it.
            let yaml = text.splitn(3, "---\n").nth(2).unwrap().to_owned();
            (path.file_stem().unwrap().to_string_lossy().into_owned(), yaml)
        })
        .collect();
    goldens.sort();
    goldens
}

fn findings(yaml: &str) -> Vec<String> {
    let findings = check(&Document::parse(yaml).unwrap());
    findings.iter().map(ToString::to_string).collect()
}

#[test]
fn nothing_is_wrong_with_any_golden() {
    let goldens = goldens();
    assert!(goldens.len() >= 4, "the goldens have moved");
    for (name, yaml) in goldens {
        assert_eq!(findings(&yaml), [""; 0], "{name}");
    }
}

#[test]
fn what_is_broken_in_a_golden_is_found_where_it_is() {
    let (_, golden) = goldens().remove(0);
    let check = |from: &str, to: &str, rule: &str, place: &str| {
        assert!(golden.contains(from), "the golden has no {from}");
        let found = findings(&golden.replacen(from, to, 1));
        let is_it = |finding: &&String| finding.contains(&format!("[{rule}] ")) && finding.contains(place);
        assert!(found.iter().any(|finding| is_it(&finding)), "{to}: {found:?}");
    };
    let properties = "Resources.Stream.Properties";
    check("EncryptionType: KMS", "EncryptionType: DES", "enum-value", properties);
    check(
        "RetentionPeriodHours: ",
        "RetentionPeriodHours: 99",
        "number-range",
        properties,
    );
    check("StreamEncryption:", "StreamEncription:", "unknown-property", properties);
    check(
        "EncryptionType: KMS",
        "EncryptionTypes: KMS",
        "required-property",
        properties,
    );
    check("!GetAtt Stream.Arn", "!GetAtt Stream.Name", "attribute", "Fn::GetAtt");
    check(
        "!GetAtt Stream.Arn",
        "!GetAtt Strean.Arn",
        "reference-target",
        "Fn::GetAtt",
    );
    check("SizeInMBs: 64", "SizeInMBs: 63", "delivery-buffer", "BufferingHints");
    check("Effect: Allow", "Effect: Permit", "policy-effect", "Effect");
    check("Handler: bootstrap", "Handler: [bootstrap]", "value-type", "Handler");
}
