//! A template as plain data, whoever wrote it.
//!
//! Functions are maps of one member, as in JSON: `{"Ref": "Key"}`. So a malformed function from a
//! file and a well-formed one from Rust are looked at by the same code.

use std::borrow::Cow;
use std::fmt;

use infra_core::{Intrinsic, Node};
use serde::de::{self, Deserialize, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};

/// A text of a template.
pub type Text = Cow<'static, str>;

/// A piece of a template.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree {
    /// Nothing, which no template may hold.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction, or too large for 64 bits.
    Float(f64),
    /// A text.
    Text(Text),
    /// A list.
    List(Vec<Tree>),
    /// A map, in the order of the file; a key may stand twice.
    Map(Vec<(Text, Tree)>),
}

impl Tree {
    /// The value of `key` where this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Tree> {
        self.members()
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, tree)| tree)
    }

    /// What stands under these keys, one below the other.
    pub fn at(&self, path: &str) -> Option<&Tree> {
        path.split('.').try_fold(self, |tree, name| tree.get(name))
    }

    /// The members of a map; none of anything else.
    pub fn members(&self) -> &[(Text, Tree)] {
        match self {
            Tree::Map(members) => members,
            _ => &[],
        }
    }

    /// The items of a list; none of anything else.
    pub fn items(&self) -> &[Tree] {
        match self {
            Tree::List(items) => items,
            _ => &[],
        }
    }

    /// The items of a list, or this alone where it is none: what IAM calls "one or many".
    pub fn one_or_many(&self) -> &[Tree] {
        match self {
            Tree::List(items) => items,
            other => std::slice::from_ref(other),
        }
    }

    /// The text that this is.
    pub fn text(&self) -> Option<&str> {
        match self {
            Tree::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number that this is, or spells: CloudFormation takes `"5"` for 5.
    pub fn number(&self) -> Option<f64> {
        match self {
            Tree::Int(number) => Some(*number as f64),
            Tree::Float(number) => Some(*number),
            Tree::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// The truth that this is, or spells.
    pub fn truth(&self) -> Option<bool> {
        match self {
            Tree::Bool(value) => Some(*value),
            Tree::Text(text) => match text.as_ref() {
                "true" | "True" => Some(true),
                "false" | "False" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    /// Name and argument of the function that this is.
    pub fn call(&self) -> Option<(&str, &Tree)> {
        match self.members() {
            [(name, argument)] if name == "Ref" || name.starts_with("Fn::") => Some((name, argument)),
            _ => None,
        }
    }

    /// The logical id that a `Ref`, or the first part of an `Fn::GetAtt`, points at.
    pub fn target(&self) -> Option<&str> {
        match self.call()? {
            ("Ref", target) => target.text(),
            ("Fn::GetAtt", Tree::Text(path)) => path.split('.').next(),
            ("Fn::GetAtt", argument) => argument.items().first()?.text(),
            _ => None,
        }
    }

    /// Calls `visit` on this and on all below it, parents first.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Tree)) {
        visit(self);
        match self {
            Tree::List(items) => items.iter().for_each(|item| item.walk(visit)),
            Tree::Map(members) => members.iter().for_each(|(_, value)| value.walk(visit)),
            _ => {}
        }
    }

    /// What a message calls this: its kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Tree::Null => "null",
            Tree::Bool(_) => "a boolean",
            Tree::Int(_) => "a whole number",
            Tree::Float(_) => "a number",
            Tree::Text(_) => "a text",
            Tree::List(_) => "a list",
            Tree::Map(_) => "an object",
        }
    }
}

/// What a message quotes: scalars as they are, the rest by its kind.
impl fmt::Display for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Tree::Bool(value) => write!(f, "{value}"),
            Tree::Int(number) => write!(f, "{number}"),
            Tree::Float(number) => write!(f, "{number}"),
            Tree::Text(text) if text.chars().count() > LONGEST_QUOTE => {
                write!(f, "`{}...`", text.chars().take(LONGEST_QUOTE).collect::<String>())
            }
            Tree::Text(text) => write!(f, "`{text}`"),
            other => f.write_str(other.kind()),
        }
    }
}

/// A longer text would hide the rest of the message.
const LONGEST_QUOTE: usize = 60;

impl From<Node> for Tree {
    fn from(node: Node) -> Self {
        match node {
            Node::Bool(value) => Tree::Bool(value),
            Node::Int(number) => Tree::Int(number),
            Node::Float(number) => Tree::Float(number),
            Node::Text(text) => Tree::Text(text),
            Node::List(items) => Tree::List(items.into_iter().map(Tree::from).collect()),
            Node::Map(members) => Tree::Map(members.into_iter().map(|(key, node)| (key, node.into())).collect()),
            Node::Call(call) => Tree::from(call),
            Node::Raw(inner) => Tree::from(*inner),
        }
    }
}

impl From<Intrinsic> for Tree {
    fn from(call: Intrinsic) -> Self {
        let (name, argument) = call.long_form();
        Tree::Map(vec![(name.into(), argument.into())])
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a piece of a template")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_none<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::Bool(value))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Tree, E> {
        Ok(Tree::Int(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Tree, E> {
        Ok(i64::try_from(number).map_or(Tree::Float(number as f64), Tree::Int))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Tree, E> {
        Ok(Tree::Float(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Tree, E> {
        Ok(Tree::Text(text.to_owned().into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Tree, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Tree::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Tree, A::Error> {
        let mut members = Vec::new();
        while let Some((key, value)) = access.next_entry::<Tree, Tree>()? {
            members.push((key_text(key).map_err(de::Error::custom)?, value));
        }
        Ok(Tree::Map(members))
    }

    /// A YAML tag: the short form of a function, `!GetAtt Key.Arn`.
    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<Tree, A::Error> {
        let (tag, variant): (String, _) = access.variant()?;
        let argument: Tree = variant.newtype_variant()?;
        let tag = tag.trim_start_matches('!');
        let name = match tag {
            "Ref" | "Condition" => tag.to_owned(),
            name => format!("Fn::{name}"),
        };
        let argument = match (tag, argument) {
            ("GetAtt", Tree::Text(path)) => match path.split_once('.') {
                Some((id, attribute)) => Tree::List(vec![
                    Tree::Text(id.to_owned().into()),
                    Tree::Text(attribute.to_owned().into()),
                ]),
                None => Tree::Text(path),
            },
            (_, argument) => argument,
        };
        Ok(Tree::Map(vec![(name.into(), argument)]))
    }
}

/// YAML writes some keys without quotes that are no texts: account ids, `true`.
fn key_text(key: Tree) -> Result<Text, String> {
    match key {
        Tree::Text(text) => Ok(text),
        Tree::Int(number) => Ok(number.to_string().into()),
        Tree::Bool(value) => Ok(value.to_string().into()),
        other => Err(format!("a key is a text, not {}", other.kind())),
    }
}

#[cfg(test)]
mod tests {
    use super::Tree;

    fn yaml(text: &str) -> Tree {
        serde_yaml::from_str(text).unwrap()
    }

    #[test]
    fn short_forms_are_long_forms() {
        let check = |short: &str, long: &str| {
            let long: Tree = serde_json::from_str(long).unwrap();
            assert_eq!(yaml(short), long, "{short}");
        };
        check("!Ref Key", r#"{"Ref": "Key"}"#);
        check("!GetAtt Key.Arn", r#"{"Fn::GetAtt": ["Key", "Arn"]}"#);
        check(
            "!GetAtt Cluster.Endpoint.Address",
            r#"{"Fn::GetAtt": ["Cluster", "Endpoint.Address"]}"#,
        );
        check("!Sub '${Key.Arn}/*'", r#"{"Fn::Sub": "${Key.Arn}/*"}"#);
        check("!If [IsProd, !Ref A, 1]", r#"{"Fn::If": ["IsProd", {"Ref": "A"}, 1]}"#);
        check("!Condition IsProd", r#"{"Condition": "IsProd"}"#);
    }

    #[test]
    fn keys_without_quotes_are_texts() {
        assert!(yaml("123: a").get("123").is_some());
    }

    #[test]
    fn a_target_is_found_in_both_spellings() {
        assert_eq!(yaml("!GetAtt Key.Arn").target(), Some("Key"));
        assert_eq!(yaml("Fn::GetAtt: Key.Arn").target(), Some("Key"));
        assert_eq!(yaml("!Ref Key").target(), Some("Key"));
        assert_eq!(yaml("plain").target(), None);
    }
}
