//! Queries that are called by name: those of the lake's contract, and those saved in the workgroup.

use super::athena::Athena;
use anyhow::{Result, bail};
use lake::contract::QUERIES;

/// A query with a name.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Named {
    /// What it is called.
    pub(crate) name: String,
    /// What it answers.
    pub(crate) description: String,
    /// The statement.
    pub(crate) sql: String,
}

/// Names that are close enough to be meant.
const CLOSE: f64 = 0.6;

/// Whether this is a name and not SQL: no statement is one word.
pub(crate) fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.contains(char::is_whitespace)
}

/// The queries of the contract, in its order.
pub(crate) fn of_contract() -> Vec<Named> {
    let named = |query: &contract_kit::Query| Named {
        name: query.name.to_owned(),
        description: query.description.to_owned(),
        sql: query.sql.to_owned(),
    };
    QUERIES.iter().map(named).collect()
}

/// The contract's queries, then those of the workgroup that have other names.
pub(crate) async fn all(athena: &Athena<'_>) -> Result<Vec<Named>> {
    let mut queries = of_contract();
    for saved in athena.saved().await? {
        if !queries.iter().any(|query| query.name == saved.name) {
            queries.push(saved);
        }
    }
    Ok(queries)
}

/// The statement of this name; the workgroup is asked only for names that the contract lacks.
pub(crate) async fn find(athena: &Athena<'_>, name: &str) -> Result<String> {
    if let Some(query) = of_contract().into_iter().find(|query| query.name == name) {
        return Ok(query.sql);
    }
    choose(all(athena).await?, name)
}

fn choose(queries: Vec<Named>, name: &str) -> Result<String> {
    if let Some(query) = queries.iter().find(|query| query.name == name) {
        return Ok(query.sql.clone());
    }
    let likeness = |query: &Named| strsim::jaro_winkler(&query.name, name);
    let nearest = queries.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    match nearest.filter(|query| likeness(query) >= CLOSE) {
        Some(query) => bail!(
            "there is no query named {name}; did you mean {}? --list shows all",
            query.name
        ),
        None => bail!("there is no query named {name}; --list shows those there are"),
    }
}

#[cfg(test)]
mod tests {
    use super::{choose, is_name, of_contract};

    #[test]
    fn names_are_told_from_statements() {
        assert!(is_name("events-by-type"));
        assert!(!is_name("SELECT 1") && !is_name("") && !is_name("a\nb"));
    }

    #[test]
    fn a_misspelt_name_gets_the_nearest_one() {
        let sql = choose(of_contract(), "events-by-type").expect("it is there");
        assert!(sql.contains("FROM events"), "{sql}");
        let error = |name| choose(of_contract(), name).expect_err("no such query").to_string();
        assert!(
            error("event-by-typ").contains("did you mean events-by-type?"),
            "{}",
            error("event-by-typ")
        );
        assert_eq!(
            error("zzz"),
            "there is no query named zzz; --list shows those there are"
        );
    }
}
