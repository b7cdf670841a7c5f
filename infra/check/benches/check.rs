//! The check of the committed templates of all four environments, as the process does it: from
//! the text of a file, and from the tree that synthesis leaves.

use std::fs;
use std::path::Path;

use divan::Bencher;
use infra_check::{Document, check};

fn main() {
    divan::main();
}

fn goldens() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../stacks/golden");
    let files = fs::read_dir(folder).expect("the goldens are there");
    files
        .map(|file| fs::read_to_string(file.expect("a golden").path()).expect("a golden is a text"))
        .collect()
}

/// Read the YAML, then check, all environments.
#[divan::bench]
fn four_files(bencher: Bencher<'_, '_>) {
    let goldens = goldens();
    bencher.bench(|| {
        let documents = goldens
            .iter()
            .map(|text| Document::parse(text).expect("a golden is YAML"));
        documents.map(|document| check(&document).len()).sum::<usize>()
    });
}

/// Check alone, all environments; each compiles its patterns anew, as a process would.
#[divan::bench]
fn four_templates(bencher: Bencher<'_, '_>) {
    let parse = |text: &String| Document::parse(text).expect("a golden is YAML");
    let documents: Vec<Document> = goldens().iter().map(parse).collect();
    bencher.bench(|| documents.iter().map(|document| check(document).len()).sum::<usize>());
}

/// Check alone, one environment.
#[divan::bench]
fn one_template(bencher: Bencher<'_, '_>) {
    let document = Document::parse(&goldens()[0]).expect("a golden is YAML");
    bencher.bench(|| check(&document).len());
}
