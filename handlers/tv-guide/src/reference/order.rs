//! What the reference function is told to do.

use serde_json::Value;

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Whether the sources are.
    pub sources: bool,
    /// Whether the genres are.
    pub genres: bool,
    /// Of which regions the sources are wanted; two capital letters each.
    pub regions: Vec<String>,
}

/// The region that is meant where none is named.
const REGION: &str = "GB";

impl Order {
    /// Reads an event, `{"refresh_sources":"Y","refresh_genres":"Y","regions":"GB,IE"}`.
    ///
    /// Any JSON will do: what is not there is not wanted, and what is no region is passed over.
    #[must_use]
    pub fn read(event: &Value) -> Self {
        let texts = match event.get("regions") {
            Some(Value::String(text)) => vec![text.as_str()],
            Some(Value::Array(texts)) => texts.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let mut regions: Vec<String> = Vec::new();
        for text in texts.iter().flat_map(|text| text.split(',')) {
            let region = text.trim().to_ascii_uppercase();
            let is_region = region.len() == 2 && region.bytes().all(|byte| byte.is_ascii_uppercase());
            if is_region && !regions.contains(&region) {
                regions.push(region);
            }
        }
        if regions.is_empty() {
            regions.push(REGION.to_owned());
        }
        Self {
            sources: is_set(event, "refresh_sources"),
            genres: is_set(event, "refresh_genres"),
            regions,
        }
    }
}

/// Whether a flag says `Y`, in either case; `true` will do, too.
pub(crate) fn is_set(event: &Value, flag: &str) -> bool {
    match event.get(flag) {
        Some(Value::String(text)) => text.trim().eq_ignore_ascii_case("y"),
        Some(Value::Bool(is_set)) => *is_set,
        _ => false,
    }
}
