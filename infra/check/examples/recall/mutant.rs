//! Faults: what is changed, where, and what kind of mistake it stands for.

use std::collections::BTreeMap;

use infra_check::tree::Tree;

/// One fault in one entry of a template.
#[derive(Clone, Debug)]
pub(crate) struct Mutant {
    /// The kind of mistake.
    pub(crate) class: &'static str,
    path: Vec<Step>,
    edit: Edit,
}

/// A step down into a template.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    Name(String),
    Index(usize),
}

/// What is done to the place at the end of the path.
#[derive(Clone, Debug)]
pub(crate) enum Edit {
    Remove,
    Replace(Tree),
    Rename(String),
}

impl Mutant {
    pub(crate) fn new(class: &'static str, path: &[Step], edit: Edit) -> Self {
        Mutant {
            class,
            path: path.to_vec(),
            edit,
        }
    }

    /// The entry that the fault lies in: `Resources.Data`.
    pub(crate) fn entry(&self) -> String {
        spell(&self.path[..self.path.len().min(2)])
    }

    /// Where the fault lies, and what it is.
    pub(crate) fn place(&self) -> String {
        let edit = match &self.edit {
            Edit::Remove => "removed".to_owned(),
            Edit::Replace(tree) => json(tree).chars().take(60).collect(),
            Edit::Rename(name) => format!("renamed {name}"),
        };
        format!("{} -> {edit}", spell(&self.path))
    }

    /// Makes the fault.
    pub(crate) fn apply(&self, tree: &mut Tree) {
        let Some((last, above)) = self.path.split_last() else {
            return;
        };
        let parent = above.iter().try_fold(tree, |tree, step| child(tree, step));
        match (parent, last, &self.edit) {
            (Some(Tree::Map(members)), Step::Name(name), Edit::Remove) => members.retain(|(key, _)| key != name),
            (Some(Tree::List(items)), Step::Index(at), Edit::Remove) => drop(items.remove(*at)),
            (Some(Tree::Map(members)), Step::Name(name), Edit::Rename(to)) => {
                for (key, _) in members.iter_mut().filter(|(key, _)| key == name) {
                    *key = to.clone().into();
                }
            }
            (Some(Tree::Map(members)), Step::Name(name), Edit::Replace(new)) => {
                match members.iter_mut().find(|(key, _)| key == name) {
                    Some((_, old)) => *old = new.clone(),
                    None => members.push((name.clone().into(), new.clone())),
                }
            }
            (Some(Tree::List(items)), Step::Index(at), Edit::Replace(new)) => items[*at] = new.clone(),
            _ => {}
        }
    }
}

fn child<'a>(tree: &'a mut Tree, step: &Step) -> Option<&'a mut Tree> {
    match (tree, step) {
        (Tree::Map(members), Step::Name(name)) => members.iter_mut().find(|(key, _)| key == name).map(|(_, tree)| tree),
        (Tree::List(items), Step::Index(at)) => items.get_mut(*at),
        _ => None,
    }
}

fn spell(path: &[Step]) -> String {
    let steps = path.iter().map(|step| match step {
        Step::Name(name) => name.clone(),
        Step::Index(at) => at.to_string(),
    });
    steps.collect::<Vec<_>>().join(".")
}

/// A template as JSON text.
pub(crate) fn json(tree: &Tree) -> String {
    match tree {
        Tree::Null => "null".to_owned(),
        Tree::Bool(value) => value.to_string(),
        Tree::Int(number) => number.to_string(),
        Tree::Float(number) => format!("{number:?}"),
        Tree::Text(text) => serde_json::Value::from(text.as_ref()).to_string(),
        Tree::List(items) => format!("[{}]", items.iter().map(json).collect::<Vec<_>>().join(",")),
        Tree::Map(members) => {
            let members = members
                .iter()
                .map(|(key, value)| format!("{}:{}", serde_json::Value::from(key.as_ref()), json(value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
    }
}

/// Groups of faults that fit into one template each: no two in the same entry, and none beside
/// one that others feel, since what a reference is worth depends on the type that it points at.
pub(crate) fn batches(faults: Vec<Mutant>) -> Vec<Vec<Mutant>> {
    let is_felt = |fault: &Mutant| fault.path.get(2) == Some(&Step::Name("Type".to_owned()));
    let (felt, quiet): (Vec<_>, Vec<_>) = faults.into_iter().partition(is_felt);
    let mut batches: Vec<Vec<Mutant>> = Vec::new();
    let mut next: BTreeMap<String, usize> = BTreeMap::new();
    for fault in quiet {
        let at = next.entry(fault.entry()).or_default();
        if batches.len() == *at {
            batches.push(Vec::new());
        }
        batches[*at].push(fault);
        *at += 1;
    }
    batches.extend(felt.into_iter().step_by(FELT).map(|fault| vec![fault]));
    batches
}

/// Of faults that need a template of their own, only each so many is tried.
const FELT: usize = 15;

/// All faults of all resources, outputs and parameters, at most `most` per entry, evenly chosen.
pub(crate) fn all(golden: &Tree, most: usize) -> Vec<Mutant> {
    let mut faults = Vec::new();
    for section in ["Parameters", "Resources", "Outputs"] {
        for (id, entry) in golden.get(section).map_or(&[][..], Tree::members) {
            let mut path = vec![Step::Name(section.to_owned()), Step::Name(id.to_string())];
            let mut of_entry = Vec::new();
            walk(entry, &mut path, &mut of_entry);
            let step = of_entry.len().div_ceil(most).max(1);
            faults.extend(of_entry.into_iter().step_by(step));
        }
    }
    faults
}

fn text(text: &str) -> Tree {
    Tree::Text(text.to_owned().into())
}

fn call(name: &str, argument: Tree) -> Tree {
    Tree::Map(vec![(name.to_owned().into(), argument)])
}

fn walk(tree: &Tree, path: &mut Vec<Step>, faults: &mut Vec<Mutant>) {
    // Waivers are no part of what is deployed.
    if path.last() == Some(&Step::Name("Metadata".to_owned())) {
        return;
    }
    let mut add = |class, path: &[Step], edit| faults.push(Mutant::new(class, path, edit));
    let is_entry = path.len() == 2;
    if !is_entry {
        add("removed", path, Edit::Remove);
        match tree {
            Tree::Text(old) => {
                add("wrong kind", path, Edit::Replace(Tree::List(vec![tree.clone()])));
                add("wrong kind", path, Edit::Replace(call("Bogus", tree.clone())));
                add("wrong text", path, Edit::Replace(text("not!a:value")));
                add("wrong text", path, Edit::Replace(text("")));
                add(
                    "too long",
                    path,
                    Edit::Replace(text(&old.repeat(2_000 / old.len().max(1) + 1))),
                );
            }
            Tree::Bool(value) => {
                add("flipped", path, Edit::Replace(Tree::Bool(!value)));
                add("wrong kind", path, Edit::Replace(text("maybe")));
                add("wrong kind", path, Edit::Replace(Tree::Int(7)));
            }
            Tree::Int(_) | Tree::Float(_) => {
                add("out of range", path, Edit::Replace(Tree::Int(-1)));
                add("out of range", path, Edit::Replace(Tree::Int(987_654_321)));
                add("out of range", path, Edit::Replace(Tree::Int(0)));
                add("wrong kind", path, Edit::Replace(text("many")));
                add("wrong kind", path, Edit::Replace(Tree::Bool(true)));
            }
            Tree::List(items) => {
                add("wrong kind", path, Edit::Replace(text("one")));
                add("wrong kind", path, Edit::Replace(call("Bogus", text("one"))));
                add("wrong count", path, Edit::Replace(Tree::List(Vec::new())));
                add(
                    "wrong count",
                    path,
                    Edit::Replace(Tree::List(items.iter().cycle().take(120).cloned().collect())),
                );
                let twice = items.iter().chain(items.first()).cloned().collect();
                add("duplicate", path, Edit::Replace(Tree::List(twice)));
            }
            Tree::Map(members) if tree.call().is_none() => {
                add("wrong kind", path, Edit::Replace(text("object")));
                add("wrong kind", path, Edit::Replace(Tree::List(vec![tree.clone()])));
                add("wrong count", path, Edit::Replace(Tree::Map(Vec::new())));
                let mut more = members.clone();
                more.push(("Bogus".into(), text("x")));
                add("unknown property", path, Edit::Replace(Tree::Map(more)));
            }
            Tree::Map(_) | Tree::Null => {}
        }
        if let Some(Step::Name(name)) = path.last().filter(|_| tree.call().is_none() || path.len() > 2)
            && !name.contains(':')
            && name != "Ref"
        {
            add("unknown property", path, Edit::Rename(format!("{name}s")));
        }
    }
    if let Some((name, argument)) = tree.call() {
        function(name, argument, path, faults);
        return;
    }
    match tree {
        Tree::List(items) => {
            for (at, item) in items.iter().enumerate() {
                path.push(Step::Index(at));
                walk(item, path, faults);
                path.pop();
            }
        }
        Tree::Map(members) => {
            for (name, value) in members {
                path.push(Step::Name(name.to_string()));
                walk(value, path, faults);
                path.pop();
            }
        }
        _ => {}
    }
}

/// Faults in a function: where it points, what it takes, what it gives.
fn function(name: &str, argument: &Tree, path: &[Step], faults: &mut Vec<Mutant>) {
    let mut add = |class, tree| faults.push(Mutant::new(class, path, Edit::Replace(tree)));
    let pair = |id: &str, attribute: &str| call("Fn::GetAtt", Tree::List(vec![text(id), text(attribute)]));
    match (name, argument) {
        ("Ref", _) => {
            add("bad reference", call("Ref", text("Nowhere")));
            add("bad attribute", pair("Key", "Nothing"));
            add("bad function", call("Ref", Tree::List(vec![text("Key")])));
            add("wrong target", call("Ref", text("Data")));
            add("wrong target", call("Ref", text("TransformRole")));
        }
        ("Fn::GetAtt", Tree::List(parts)) => {
            let id = parts[0].text().unwrap_or_default();
            let attribute = parts[1].text().unwrap_or_default();
            add("bad attribute", pair(id, "Nothing"));
            add("bad attribute", pair(id, &attribute.to_lowercase()));
            add("bad reference", pair("Nowhere", attribute));
            add("bad function", call("Fn::GetAtt", Tree::List(vec![text(id)])));
            add("bad function", call("Fn::GetAt", argument.clone()));
            add("wrong target", pair("Data", "Arn"));
            add("wrong target", pair("TransformRole", "Arn"));
            add("wrong target", call("Ref", text(id)));
        }
        ("Fn::Sub", Tree::Text(pattern)) => {
            add(
                "bad reference",
                call("Fn::Sub", text(&format!("{pattern}${{Nowhere}}"))),
            );
            add(
                "bad attribute",
                call("Fn::Sub", text(&format!("{pattern}${{Key.Nothing}}"))),
            );
            add("bad function", call("Fn::Sub", Tree::List(vec![text(pattern)])));
            add("bad function", text(pattern));
        }
        _ => {}
    }
    add("wrong kind", Tree::List(vec![text("one"), text("two")]));
    add(
        "wrong kind",
        Tree::Map(vec![("Bogus".into(), text("x")), ("More".into(), text("y"))]),
    );
    add("wrong text", text("not!a:value"));
    add("wrong text", text(""));
    add(
        "bad reference",
        call("Fn::If", Tree::List(vec![text("Nowhere"), text("a"), text("b")])),
    );
    add("bad function", call("Fn::Join", Tree::List(vec![text("-"), text("a")])));
    add("bad function", call("Fn::Select", text("a")));
    add("wrong kind of function", call("Fn::GetAZs", text("")));
    add(
        "wrong kind of function",
        call("Fn::Split", Tree::List(vec![text(","), text("a,b")])),
    );
}
