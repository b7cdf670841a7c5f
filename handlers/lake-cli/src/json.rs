//! What serde_json says, for places that count in bytes of a file.

/// The error's words without its line and column, which count from the start of what was parsed.
pub(crate) fn words(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split_once(" at line ")
        .map_or(text.as_str(), |(words, _)| words)
        .to_owned()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_place_is_left_out() {
        let error = serde_json::from_str::<u8>("[").expect_err("no number");
        assert_eq!(super::words(&error), "invalid type: sequence, expected u8");
    }
}
