//! The tables of recall, as the document that is committed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use infra_core::Date;

use crate::Comparison;

/// How many faults of a kind there are, and who finds them.
#[derive(Default)]
struct Tally {
    faults: usize,
    theirs: usize,
    both: usize,
    ours: usize,
}

const HEAD: &str = "\
# What `infra-check` finds of what others find

Written by `cargo xtask bench-check`.
Each golden is broken by machine; the faults of one template lie in different entries, and a finding counts for the fault of its entry.
Recall is the part of the faults found by the oracle that `infra-check` finds, too.
The rules were written with this corpus at hand, so what they miss is elsewhere: the limits below, and faults that no machine made here.
No golden has a finding that is not waived, in any environment: a unit test holds that.
";

const LIMITS: &str = "
## What only the others look at

- Whether an action exists: grants are typed, so a template from Rust cannot name one that does not; in a file only the form of an action is checked.
- Engine versions and instance classes of databases, and instance types by region.
- State machine definitions, SSM documents, `AWS::CloudFormation::Init`, the address ranges of subnets, certificates of load balancers, Fargate sizes.
- Properties of types that the library does not have: their references and policies are checked, nothing else, and a note says so.
";

/// The result as a document.
pub(crate) fn markdown(day: Date, environments: &[String], comparisons: &[(String, &Comparison)]) -> String {
    let mut text = format!(
        "{HEAD}\nMeasured on {day} on the goldens of {}.\n",
        environments.join(", ")
    );
    for (oracle, comparison) in comparisons {
        let each = |time: Duration| time.as_secs_f64() * 1000.0 / comparison.templates.max(1) as f64;
        let _ = write!(
            text,
            "\n## {oracle}\n\n{} faults in {} templates; {oracle} took {:.0} ms a template, and an `infra-check` built for debugging {:.1} ms.\n",
            comparison.outcomes.len(),
            comparison.templates,
            each(comparison.theirs),
            each(comparison.ours),
        );
        let name = oracle.split(' ').next().unwrap_or(oracle);
        table(&mut text, name, comparison);
        missed(&mut text, name, comparison);
    }
    text + LIMITS
}

fn table(text: &mut String, oracle: &str, comparison: &Comparison) {
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    for (mutant, found) in &comparison.outcomes {
        let (ours, theirs) = (found.ours > 0, !found.theirs.is_empty());
        for class in [mutant.class, "**all**"] {
            let tally = tallies.entry(class).or_default();
            tally.faults += 1;
            tally.theirs += usize::from(theirs);
            tally.ours += usize::from(ours);
            tally.both += usize::from(theirs && ours);
        }
    }
    let _ = write!(
        text,
        "\n| fault | faults | {oracle} finds | infra-check finds | both find | recall |\n|---|--:|--:|--:|--:|--:|\n"
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

fn missed(text: &mut String, oracle: &str, comparison: &Comparison) {
    let missed = comparison
        .outcomes
        .iter()
        .filter(|(_, found)| found.ours == 0 && !found.theirs.is_empty());
    let lines: Vec<String> = missed
        .map(|(mutant, found)| format!("- {}: `{}`", found.theirs.join(", "), mutant.place()))
        .collect();
    match lines.as_slice() {
        [] => _ = writeln!(text, "\n`infra-check` misses nothing that {oracle} finds."),
        lines => _ = writeln!(text, "\nFound by {oracle} alone:\n\n{}", lines.join("\n")),
    }
}
