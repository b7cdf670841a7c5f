//! Plain text out of the little HTML that summaries hold.

use crate::lenient;

/// The text of HTML: no tags, entities resolved, white space collapsed, of bounded length.
///
/// The result is text, to be escaped by whoever shows it: what was `&lt;b&gt;` is `<b>` in it.
#[must_use]
pub fn plain(html: &str) -> Option<String> {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        let (before, from) = rest.split_at(at);
        text.push_str(before);
        rest = if from.starts_with('<') {
            tag(from, &mut text)
        } else {
            entity(from, &mut text)
        };
    }
    text.push_str(rest);
    let words: Vec<&str> = text.split_whitespace().collect();
    lenient::short(&words.join(" "))
}

/// Passes over a tag; one that breaks a line separates words.
fn tag<'h>(from: &'h str, text: &mut String) -> &'h str {
    let Some((inside, rest)) = from.strip_prefix('<').and_then(|from| from.split_once('>')) else {
        // A tag that nothing ends is the end of the text.
        return "";
    };
    let name: String = inside
        .trim_start_matches('/')
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect();
    if matches!(name.to_ascii_lowercase().as_str(), "br" | "p" | "li" | "div") {
        text.push(' ');
    }
    rest
}

/// Writes the character that an entity stands for, or the ampersand that it is not.
fn entity<'h>(from: &'h str, text: &mut String) -> &'h str {
    /// `&CounterClockwiseContourIntegral;` is no word of a summary.
    const LONGEST: usize = 10;
    let resolved = from.split_once(';').and_then(|(name, rest)| {
        let name = name.strip_prefix('&').filter(|name| name.len() <= LONGEST)?;
        Some((character(name)?, rest))
    });
    match resolved {
        Some((character, rest)) => {
            text.push(character);
            rest
        }
        None => {
            text.push('&');
            from.strip_prefix('&').unwrap_or_default()
        }
    }
}

fn character(name: &str) -> Option<char> {
    let code = match name.strip_prefix('#') {
        Some(code) => match code.strip_prefix(['x', 'X']) {
            Some(code) => u32::from_str_radix(code, 16).ok()?,
            None => code.parse().ok()?,
        },
        None => {
            return Some(match name {
                "amp" => '&',
                "lt" => '<',
                "gt" => '>',
                "quot" => '"',
                "apos" => '\'',
                "nbsp" => ' ',
                "hellip" => '…',
                "ndash" => '–',
                "mdash" => '—',
                "lsquo" => '‘',
                "rsquo" => '’',
                "ldquo" => '“',
                "rdquo" => '”',
                "pound" => '£',
                "eacute" => 'é',
                _ => return None,
            });
        }
    };
    char::from_u32(code).filter(|character| !character.is_control())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::plain;

    #[track_caller]
    fn check(html: &str, expected: &str) {
        assert_eq!(plain(html).unwrap_or_default(), expected, "of {html}");
    }

    #[test]
    fn tags_go_and_words_stay_apart() {
        check(
            "<p>The <b>keeper</b>'s light<br/>fails.</p><p>Again.</p>",
            "The keeper's light fails. Again.",
        );
        check("<p></p>", "");
        check("a < b", "a");
        check("cut <scr", "cut");
    }

    #[test]
    fn entities_are_resolved_once() {
        check(
            "Q&amp;A &lt;b&gt; &#163;5 &#x2019; &nbsp;x &unknown; & &amp;amp;",
            "Q&A <b> £5 ’ x &unknown; & &amp;",
        );
        check("&#0;&#xD800;", "&#0;&#xD800;");
    }

    proptest! {
        #[test]
        fn any_text_has_a_plain_one(html in ".*") {
            let text = plain(&html).unwrap_or_default();
            prop_assert_eq!(text.trim(), text.as_str());
        }
    }
}
