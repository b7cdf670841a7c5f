//! YAML for people: block style, short-form intrinsics, and quoting that YAML 1.1 respects.
//!
//! Readers differ: PyYAML and CloudFormation's own tools follow YAML 1.1, where a plain `no` is
//! false, `2012-10-17` a date and `12:30:45` the number 45045.
//! So a text stands plain only where no reader takes it for anything else.

use std::fmt::Write as _;

use crate::json::{write_float, write_text};
use crate::node::{Intrinsic, Node};

/// The tree as a YAML document.
pub fn to_string(node: &Node) -> String {
    let mut out = String::new();
    match node {
        Node::Map(members) if !members.is_empty() => write_map(members, 0, &mut out),
        Node::List(items) if !items.is_empty() => write_list(items, 0, &mut out),
        other => {
            write_inline_or_block(other, 0, &mut out);
            out.push('\n');
        }
    }
    out
}

fn write_map(members: &[(std::borrow::Cow<'static, str>, Node)], indent: usize, out: &mut String) {
    for (index, (key, value)) in members.iter().enumerate() {
        if index > 0 {
            pad(indent, out);
        }
        write_scalar_text(key, out);
        out.push(':');
        write_value(value, indent, out);
    }
}

/// The value after `key:`, on the same line or indented below it.
fn write_value(value: &Node, indent: usize, out: &mut String) {
    match value {
        Node::Map(members) if !members.is_empty() => {
            out.push('\n');
            pad(indent + 2, out);
            write_map(members, indent + 2, out);
        }
        Node::List(items) if !items.is_empty() => {
            out.push('\n');
            pad(indent + 2, out);
            write_list(items, indent + 2, out);
        }
        Node::Raw(inner) => write_value(inner, indent, out),
        other => {
            out.push(' ');
            write_inline_or_block(other, indent, out);
            if !out.ends_with('\n') {
                out.push('\n');
            }
        }
    }
}

fn write_list(items: &[Node], indent: usize, out: &mut String) {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            pad(indent, out);
        }
        out.push('-');
        write_item(item, indent, out);
    }
}

/// An item after its dash: maps and lists start on the dash's own line.
fn write_item(item: &Node, indent: usize, out: &mut String) {
    match item {
        Node::Map(members) if !members.is_empty() => {
            out.push(' ');
            write_map(members, indent + 2, out);
        }
        Node::List(items) if !items.is_empty() => {
            out.push(' ');
            write_list(items, indent + 2, out);
        }
        Node::Raw(inner) => write_item(inner, indent, out),
        other => write_value(other, indent, out),
    }
}

fn write_inline_or_block(node: &Node, indent: usize, out: &mut String) {
    match node {
        Node::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Node::Int(value) => drop(write!(out, "{value}")),
        Node::Float(value) => write_float(*value, out),
        Node::Text(text) if is_block(text) => write_block(text, indent, out),
        Node::Text(text) => write_scalar_text(text, out),
        Node::List(_) => out.push_str("[]"),
        Node::Map(_) => out.push_str("{}"),
        Node::Call(call) => write_call(call, indent, out),
        Node::Raw(inner) => write_inline_or_block(inner, indent, out),
    }
}

/// The short form: `!Ref Id`, `!GetAtt Id.Attribute`, `!Sub text`, or a tag over a list.
fn write_call(call: &Intrinsic, indent: usize, out: &mut String) {
    match call {
        Intrinsic::Ref(target) => {
            out.push_str("!Ref ");
            write_scalar_text(target, out);
        }
        Intrinsic::GetAtt(id, attribute) => drop(write!(out, "!GetAtt {id}.{attribute}")),
        Intrinsic::Sub(pattern) => {
            out.push_str("!Sub ");
            if is_block(pattern) {
                write_block(pattern, indent, out)
            } else {
                write_scalar_text(pattern, out)
            }
        }
        Intrinsic::Condition(name) => drop(write!(out, "!Condition {name}")),
        // A short form may not hold another directly, so the name of an import is only short
        // where it is plain text.
        Intrinsic::ImportValue(name) if matches!(**name, Node::Text(_)) => {
            out.push_str("!ImportValue ");
            write_inline_or_block(name, indent, out);
        }
        call => {
            let (name, argument) = call.long_form();
            match argument {
                Node::List(items) => {
                    let _ = write!(out, "!{}", name.trim_start_matches("Fn::"));
                    out.push('\n');
                    pad(indent + 2, out);
                    write_list(&items, indent + 2, out);
                }
                argument => {
                    out.push('\n');
                    pad(indent + 2, out);
                    let _ = write!(out, "{name}:");
                    write_value(&argument, indent + 2, out);
                }
            }
        }
    }
}

fn pad(indent: usize, out: &mut String) {
    out.extend(std::iter::repeat_n(' ', indent));
}

/// Texts of several lines stand as a block, where a block can hold them exactly.
fn is_block(text: &str) -> bool {
    let body = text.strip_suffix('\n').unwrap_or(text);
    body.contains('\n')
        && !body.ends_with('\n')
        && !body.starts_with([' ', '\n'])
        && !body.lines().any(|line| line.ends_with(' '))
        && body.chars().all(|letter| letter == '\n' || is_printable(letter))
}

fn write_block(text: &str, indent: usize, out: &mut String) {
    out.push_str(if text.ends_with('\n') { "|\n" } else { "|-\n" });
    for line in text.lines() {
        if !line.is_empty() {
            pad(indent + 2, out);
            out.push_str(line);
        }
        out.push('\n');
    }
}

fn write_scalar_text(text: &str, out: &mut String) {
    if is_plain(text) {
        out.push_str(text)
    } else {
        write_text(text, out)
    }
}

fn is_printable(letter: char) -> bool {
    !matches!(letter, '\0'..='\x1f' | '\x7f'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// Whether a text may stand without quotes: it starts with a letter or `/` and means nothing else.
///
/// Narrower than YAML allows on purpose; what starts with a digit, a sign or a dot may be a
/// number, a date or a time to some reader.
fn is_plain(text: &str) -> bool {
    let Some(first) = text.chars().next() else { return false };
    (first.is_ascii_alphabetic() || first == '/')
        && text.chars().all(|letter| letter.is_ascii_graphic() || letter == ' ')
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.contains([
            '{', '}', '[', ']', ',', '`', '"', '\'', '\\', '|', '>', '%', '@', '&', '*', '!', '?',
        ])
        && !is_word_of_yaml(text)
}

/// Words that YAML 1.1 reads as a boolean or as nothing, in every spelling of theirs.
fn is_word_of_yaml(text: &str) -> bool {
    ["y", "n", "yes", "no", "on", "off", "true", "false", "null"]
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word))
}
