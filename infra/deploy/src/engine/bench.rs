//! An engine on scripted ports, for tests.

use super::Engine;
use crate::bucket::memory::Memory;
use crate::clock::Leaping;
use crate::cloudformation::fake::Script;
use crate::console::Recorder;
use crate::deploy::Options;
use crate::plan::Plan;

pub(crate) type Bench = Engine<Script, Memory, Leaping, Recorder>;

pub(crate) fn bench(cloud: Script) -> Bench {
    Engine {
        cloud,
        objects: Memory::with_bucket("assets"),
        clock: Leaping::default(),
        console: Recorder::default(),
        run: "run".to_owned(),
    }
}

pub(crate) fn plan() -> Plan {
    Plan {
        stack: "lake".to_owned(),
        template: r#"{"Resources":{}}"#.to_owned(),
        ..Plan::default()
    }
}

pub(crate) fn yes() -> Options {
    Options {
        yes: true,
        ..Options::default()
    }
}

/// The messages of an error and its causes, outermost first.
pub(crate) fn chain(error: &anyhow::Error) -> Vec<String> {
    error.chain().map(ToString::to_string).collect()
}
