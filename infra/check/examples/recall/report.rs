//! The table of recall per kind of fault.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::mutant::Mutant;
use crate::oracle::Found;

/// How many faults of a kind there are, and who finds them.
#[derive(Default)]
struct Tally {
    faults: usize,
    theirs: usize,
    both: usize,
    ours: usize,
}

/// The result as a document.
pub(crate) fn markdown(schema: &[(Mutant, Found)], policy: &[(Mutant, Found)], versions: &[String]) -> String {
    let mut text = format!("Oracles: {}.\n", versions.join(", "));
    table(&mut text, "cfn-lint", schema);
    table(&mut text, "checkov", policy);
    text
}

fn table(text: &mut String, oracle: &str, outcomes: &[(Mutant, Found)]) {
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    for (mutant, found) in outcomes {
        for class in [mutant.class, "**all**"] {
            let tally = tallies.entry(class).or_default();
            tally.faults += 1;
            tally.theirs += usize::from(!found.theirs.is_empty());
            tally.ours += usize::from(!found.ours.is_empty());
            tally.both += usize::from(!found.theirs.is_empty() && !found.ours.is_empty());
        }
    }
    let _ = write!(
        text,
        "\n| fault | faults | {oracle} finds | infra-check finds | of {oracle}'s | recall |\n|---|--:|--:|--:|--:|--:|\n"
    );
    for (class, tally) in tallies {
        let Tally {
            faults,
            theirs,
            both,
            ours,
        } = tally;
        let recall = match theirs {
            0 => "-".to_owned(),
            theirs => format!("{:.1} %", both as f64 * 100.0 / theirs as f64),
        };
        let _ = writeln!(text, "| {class} | {faults} | {theirs} | {ours} | {both} | {recall} |");
    }
}
