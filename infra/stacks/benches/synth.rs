//! Synthesis: from an environment file to the bytes of its templates, with what it allocates.
//!
//! `yaml/ours` against `yaml/serde` is our emitter against `yaml_serde` on the same template; the
//! latter writes long-form intrinsics and quotes fewer texts than YAML 1.1 asks for.

use std::path::Path;

use divan::{AllocProfiler, Bencher};
use infra_core::Stack;
use infra_stacks::environment::Stage;
use infra_stacks::price::Bill;
use infra_stacks::{Environment, app};

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

fn prod() -> Environment {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../environments");
    Environment::load(&directory, Stage::Prod.name(), "headend").expect("prod.toml is as it should be")
}

fn stacks() -> Vec<Stack> {
    app(&prod()).expect("the stacks are well formed")
}

/// All of it: read the file, build every stack, write YAML and JSON.
#[divan::bench]
fn synth() -> usize {
    stacks()
        .iter()
        .map(|stack| stack.template.to_yaml().len() + stack.template.to_json().len())
        .sum()
}

/// Building without writing.
#[divan::bench]
fn build() -> usize {
    stacks().len()
}

/// Building without reading the file.
#[divan::bench]
fn app_only(bencher: Bencher<'_, '_>) {
    let environment = prod();
    bencher.bench(|| app(&environment).map(|stacks| stacks.len()).ok());
}

/// What the estimate adds to a synthesis.
#[divan::bench]
fn price(bencher: Bencher<'_, '_>) {
    let (environment, stacks) = (prod(), stacks());
    bencher.bench(|| Bill::of(&environment, &stacks).map(|bill| bill.total()));
}

mod yaml {
    use divan::Bencher;

    #[divan::bench]
    fn ours(bencher: Bencher<'_, '_>) {
        let stacks = super::stacks();
        bencher.bench(|| stacks.iter().map(|stack| stack.template.to_yaml().len()).sum::<usize>());
    }

    #[divan::bench]
    fn serde(bencher: Bencher<'_, '_>) {
        let templates: Vec<serde_json::Value> = super::stacks()
            .iter()
            .map(|stack| serde_json::from_str(&stack.template.to_json()).expect("our JSON is JSON"))
            .collect();
        bencher.bench(|| {
            templates
                .iter()
                .map(|value| serde_yaml::to_string(value).map_or(0, |yaml| yaml.len()))
                .sum::<usize>()
        });
    }
}
