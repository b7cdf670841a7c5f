//! What a function becomes, where the template alone tells.

use crate::tree::Tree;

/// An account, a region and what goes with them: enough to see whether a text fits its place.
const PSEUDO: [(&str, &str); 4] = [
    ("AWS::AccountId", "123456789012"),
    ("AWS::Partition", "aws"),
    ("AWS::Region", "eu-west-2"),
    ("AWS::URLSuffix", "amazonaws.com"),
];

/// The text that a literal or function becomes; none where a resource or parameter decides.
pub(crate) fn text(tree: &Tree) -> Option<String> {
    match tree.call() {
        None => match tree {
            Tree::Null | Tree::List(_) | Tree::Map(_) => None,
            scalar => Some(crate::schema::spelled(scalar)),
        },
        Some(("Ref", target)) => pseudo(target.text()?).map(str::to_owned),
        Some(("Fn::Sub", Tree::Text(pattern))) => substitute(pattern, &|_| None),
        Some(("Fn::Sub", Tree::List(parts))) => {
            let (pattern, given) = (parts.first()?.text()?, parts.get(1)?);
            substitute(pattern, &|name| text(given.get(name)?))
        }
        Some(("Fn::Join", Tree::List(parts))) => {
            let (delimiter, Tree::List(items)) = (parts.first()?.text()?, parts.get(1)?) else {
                return None;
            };
            let items: Option<Vec<String>> = items.iter().map(text).collect();
            Some(items?.join(delimiter))
        }
        Some(_) => None,
    }
}

fn pseudo(name: &str) -> Option<&'static str> {
    PSEUDO.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
}

fn substitute(pattern: &str, given: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let mut out = String::new();
    for piece in pieces(pattern) {
        match piece {
            Piece::Fixed(text) => out.push_str(text),
            Piece::Literal(name) => out.push_str(&format!("${{{name}}}")),
            Piece::Variable(name) => out.push_str(&given(name).or_else(|| pseudo(name).map(str::to_owned))?),
        }
    }
    Some(out)
}

/// What of a pattern is there whatever its variables become.
pub(super) fn fixed(pattern: &str) -> String {
    let fixed = pieces(pattern).filter_map(|piece| match piece {
        Piece::Fixed(text) => Some(text),
        Piece::Literal(_) | Piece::Variable(_) => None,
    });
    fixed.collect()
}

/// The names of the variables of a pattern, in order.
pub(crate) fn variables(pattern: &str) -> impl Iterator<Item = &str> {
    pieces(pattern).filter_map(|piece| match piece {
        Piece::Variable(name) => Some(name),
        Piece::Fixed(_) | Piece::Literal(_) => None,
    })
}

#[derive(Debug, PartialEq)]
enum Piece<'a> {
    Fixed(&'a str),
    /// `${!Name}`, which stands for `${Name}` itself.
    Literal(&'a str),
    /// `${Name}` or `${Name.Attribute}`.
    Variable(&'a str),
}

fn pieces(pattern: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = pattern;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some(after) = rest.strip_prefix("${")
            && let Some((name, tail)) = after.split_once('}')
        {
            rest = tail;
            return Some(match name.strip_prefix('!') {
                Some(literal) => Piece::Literal(literal),
                None => Piece::Variable(name.trim()),
            });
        }
        // At least one character, so that a lone `${` is passed.
        let end = rest
            .char_indices()
            .skip(1)
            .find(|(at, _)| rest[*at..].starts_with("${"));
        let (fixed, tail) = rest.split_at(end.map_or(rest.len(), |(at, _)| at));
        rest = tail;
        Some(Piece::Fixed(fixed))
    })
}

#[cfg(test)]
mod tests {
    use super::{fixed, text, variables};
    use crate::tree::Tree;

    fn yaml(text: &str) -> Tree {
        serde_yaml::from_str(text).unwrap()
    }

    #[test]
    fn what_the_template_tells_is_resolved() {
        let check = |source: &str, expected: Option<&str>| {
            assert_eq!(text(&yaml(source)).as_deref(), expected, "{source}");
        };
        check("plain", Some("plain"));
        check("!Ref AWS::Region", Some("eu-west-2"));
        check("!Ref Bucket", None);
        check("!Sub 'arn:${AWS::Partition}:s3:::x'", Some("arn:aws:s3:::x"));
        check("!Sub 'a-${!Literal}'", Some("a-${Literal}"));
        check("!Sub '${Bucket}/x'", None);
        check("!Sub ['${A}-${AWS::Region}', {A: b}]", Some("b-eu-west-2"));
        check("!Join ['-', [a, !Ref AWS::Region]]", Some("a-eu-west-2"));
        check("!Join ['-', [a, !Ref Bucket]]", None);
    }

    #[test]
    fn variables_and_fixed_parts_are_told_apart() {
        let pattern = "a${B.C}-${!D}$ü${E}${";
        assert_eq!(variables(pattern).collect::<Vec<_>>(), ["B.C", "E"]);
        assert_eq!(fixed(pattern), "a-$ü${");
    }
}
