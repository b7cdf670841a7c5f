//! The committed templates of every environment: nothing is wrong with them, and what is broken
//! in them is found.

use std::fs;
use std::path::Path;

use infra_check::{Document, Finding, Setting, Severity, check, judge};
use infra_core::Date;

/// Name and YAML of each committed template.
fn goldens() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../stacks/golden");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut goldens: Vec<_> = files
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(&path).unwrap())
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
        let setting = Setting {
            today: Date::new(2026, 11, 20),
            environment: None,
        };
        let verdict = judge(&Document::parse(&yaml).unwrap(), &setting);
        let open = verdict
            .open
            .iter()
            .filter(|finding| finding.severity() != Severity::Note);
        assert_eq!(open.collect::<Vec<_>>(), Vec::<&Finding>::new(), "{name}");
        assert!(!verdict.waived.is_empty(), "{name}: what is waived is still looked for");
    }
}

#[test]
fn what_is_broken_in_a_golden_is_found_where_it_is() {
    // One that delivers by Firehose, so that there is a buffer to break.
    let golden = goldens().into_iter().find(|(name, _)| name == "headend-local-lake");
    let (_, golden) = golden.expect("the local lake has a golden");
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
    check(
        "EncryptionType: KMS",
        "EncryptionType: KMS\n        EncryptionType: KMS",
        "name-taken",
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
