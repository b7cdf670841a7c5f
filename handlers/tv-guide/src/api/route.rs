//! Which route a request takes.

use super::parameter::unescape;
use crate::contract::api::{ROUTES, Route};

/// What a path leads to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A route, and the parameters in its path.
    Route(&'static Route, Vec<(&'static str, String)>),
    /// A path that has other methods: these.
    Method(String),
    /// Nothing.
    Nothing,
}

/// Finds the route of a method and a path.
pub(super) fn find(method: &str, path: &str) -> Found {
    let mut allowed = Vec::new();
    for route in &ROUTES {
        let Some(parameters) = parameters(route.path, path) else {
            continue;
        };
        if route.method.as_str() == method {
            return Found::Route(route, parameters);
        }
        allowed.push(route.method.as_str());
    }
    if allowed.is_empty() {
        Found::Nothing
    } else {
        Found::Method(allowed.join(", "))
    }
}

/// The parameters that a path gives to a template; none if it is not of that template.
fn parameters(template: &'static str, path: &str) -> Option<Vec<(&'static str, String)>> {
    let mut parameters = Vec::new();
    let mut segments = path.split('/');
    for expected in template.split('/') {
        let segment = segments.next()?;
        match expected.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            // What is no UTF-8 stays escaped, and then is no parameter's value either.
            Some(name) if !segment.is_empty() => {
                parameters.push((name, unescape(segment).unwrap_or_else(|| segment.to_owned())));
            }
            _ if segment == expected => {}
            _ => return None,
        }
    }
    segments.next().is_none().then_some(parameters)
}

#[cfg(test)]
mod tests {
    use super::{Found, find};

    #[track_caller]
    fn check(method: &str, path: &str, expected: Result<(&str, &[&str]), Option<&str>>) {
        let found = find(method, path);
        let values: Vec<&str>;
        let found = match &found {
            Found::Route(route, parameters) => {
                values = parameters.iter().map(|(_, value)| value.as_str()).collect();
                Ok((route.operation, values.as_slice()))
            }
            Found::Method(allowed) => Err(Some(allowed.as_str())),
            Found::Nothing => Err(None),
        };
        assert_eq!(found, expected, "{method} {path}");
    }

    #[test]
    fn a_path_leads_to_one_route_or_says_what_it_takes() {
        check("GET", "/sources", Ok(("listSources", &[])));
        check("GET", "/titles", Ok(("listTitles", &[])));
        check("GET", "/titles/123", Ok(("getTitle", &["123"])));
        check("GET", "/titles/a%2Fb", Ok(("getTitle", &["a/b"])));
        check("GET", "/titles/%ff", Ok(("getTitle", &["%ff"])));
        check(
            "DELETE",
            "/favourites/show/82",
            Ok(("deleteFavourite", &["show", "82"])),
        );
        check("DELETE", "/preferences", Err(Some("GET, PUT")));
        check("HEAD", "/sources", Err(Some("GET")));
        check("get", "/sources", Err(Some("GET")));
        check("GET", "/favourites/show/82", Err(Some("PUT, DELETE")));
        for path in [
            "",
            "/",
            "sources",
            "//sources",
            "/sources/",
            "/Sources",
            "/titles/",
            "/titles/1/2",
            "/favourites/show",
        ] {
            check("GET", path, Err(None));
        }
    }
}
