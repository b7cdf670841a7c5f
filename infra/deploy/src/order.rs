//! Which stack waits for which.

use anyhow::{Result, bail};
use infra_core::Stack;

/// For each stack the positions of those that must stand before it: it reads an output of theirs,
/// or imports what they export.
///
/// # Errors
/// Stacks wait for each other in a circle; the sentence names them.
pub fn needs(stacks: &[Stack]) -> Result<Vec<Vec<usize>>> {
    let needs: Vec<Vec<usize>> = stacks
        .iter()
        .enumerate()
        .map(|(reader, stack)| {
            let imports = stack.template.imports();
            let gives = |other: &Stack| {
                stack.template.inputs().iter().any(|input| input.stack == other.name)
                    || other.template.exports().any(|export| imports.contains(export))
            };
            let others = stacks.iter().enumerate();
            others
                .filter(|(other, stack)| *other != reader && gives(stack))
                .map(|(other, _)| other)
                .collect()
        })
        .collect();
    let mut waiting: Vec<usize> = (0..stacks.len()).collect();
    loop {
        let before = waiting.len();
        let still = waiting.clone();
        waiting.retain(|stack| needs.get(*stack).into_iter().flatten().any(|need| still.contains(need)));
        if waiting.is_empty() {
            return Ok(needs);
        }
        if waiting.len() == before {
            let names = waiting.iter().filter_map(|stack| stacks.get(*stack));
            let names: Vec<&str> = names.map(|stack| stack.name.as_str()).collect();
            bail!(
                "stacks {} wait for each other; have one of them read no output of the others",
                names.join(", ")
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::needs;
    use infra_core::{Stack, Template, Value};

    fn stack(name: &str, template: Template) -> Stack {
        Stack::new(name, template)
    }

    #[test]
    fn readers_wait_for_what_they_read_and_import_and_others_do_not() {
        let (mut weak, mut strong) = (Template::new("weak"), Template::new("strong"));
        let shared = weak.share::<String>("weak", "Name", "A name", "a");
        let export = strong.export::<String>("Name", "A name", Value::from("a"), Value::from("strong-name"));
        let mut reader = Template::new("reader");
        reader.read("Weak", &shared);
        reader.output::<String>("Strong", "What came in", export.import());
        let stacks = [
            stack("reader", reader),
            stack("weak", weak),
            stack("alone", Template::new("alone")),
            stack("strong", strong),
        ];
        assert_eq!(needs(&stacks).unwrap(), [vec![1, 3], vec![], vec![], vec![]]);
    }

    #[test]
    fn a_circle_is_named() {
        let (mut one, mut two) = (Template::new("one"), Template::new("two"));
        let of_one = one.share::<String>("one", "Name", "A name", "a");
        let of_two = two.share::<String>("two", "Name", "A name", "a");
        one.read("Two", &of_two);
        two.read("One", &of_one);
        let stacks = [
            stack("one", one),
            stack("two", two),
            stack("three", Template::new("three")),
        ];
        let error = needs(&stacks).unwrap_err().to_string();
        assert!(error.starts_with("stacks one, two wait for each other"), "{error}");
    }
}
