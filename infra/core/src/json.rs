//! Minified JSON, which is what the CloudFormation API is sent: small, and read the same by all.

use std::fmt::Write as _;

use crate::node::Node;

/// The tree as minified JSON, intrinsics in their long form.
pub fn to_string(node: &Node) -> String {
    let mut out = String::new();
    write(node, &mut out);
    out
}

pub(crate) fn write(node: &Node, out: &mut String) {
    match node {
        Node::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Node::Int(value) => drop(write!(out, "{value}")),
        Node::Float(value) => write_float(*value, out),
        Node::Text(text) => write_text(text, out),
        Node::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Node::Map(members) => {
            out.push('{');
            for (index, (key, value)) in members.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_text(key, out);
                out.push(':');
                write(value, out);
            }
            out.push('}');
        }
        Node::Call(call) => {
            let (name, argument) = call.long_form();
            out.push('{');
            write_text(name, out);
            out.push(':');
            write(&argument, out);
            out.push('}');
        }
        Node::Raw(inner) => write(inner, out),
    }
}

/// Whole floats keep their fraction, so that a reader sees what the schema calls a number.
pub(crate) fn write_float(value: f64, out: &mut String) {
    let _ = write!(out, "{value:?}");
}

/// A JSON string; also a YAML double-quoted one, since YAML 1.2 contains JSON and 1.1 reads
/// these escapes alike.
pub(crate) fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // Control characters, and what YAML takes for a line break or a byte order mark.
            '\0'..='\x1f' | '\x7f'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(letter));
            }
            letter => out.push(letter),
        }
    }
    out.push('"');
}
