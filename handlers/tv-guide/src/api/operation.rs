//! What each operation takes and gives: the handlers read requests by it, the document is made of it.

use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::parameter::{Kind, Parameter};
use super::problem::Kind as Problem;
use super::shape;
use crate::contract::api::limit;

/// An operation.
#[derive(Debug)]
pub(super) struct Operation {
    /// Its id, which ties it to a route.
    pub id: &'static str,
    /// What it does, in a line.
    pub summary: &'static str,
    /// What is worth knowing beyond that.
    pub description: &'static str,
    /// Its parameters.
    pub parameters: &'static [Parameter],
    /// The body that it takes.
    pub takes: Option<Shape>,
    /// The body that it gives with 200; without one it answers 204.
    pub gives: Option<Shape>,
    /// The problems that it can have, but for those that every operation has.
    pub problems: &'static [Problem],
}

/// The schema of a body.
pub(super) type Shape = fn(&mut SchemaGenerator) -> Schema;

/// The operation with an id.
pub(super) fn of(id: &str) -> Option<&'static Operation> {
    OPERATIONS.iter().find(|operation| operation.id == id)
}

fn shape<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// Every operation.
pub(super) static OPERATIONS: [Operation; 13] = [
    Operation {
        id: "listSources",
        summary: "Sources of titles, by name",
        description: "Streaming services and the like, as Watchmode describes them.",
        parameters: &[],
        takes: None,
        gives: Some(shape::<Vec<shape::Source>>),
        problems: &[],
    },
    Operation {
        id: "listGenres",
        summary: "Genres of titles, by name",
        description: "As Watchmode describes them.",
        parameters: &[],
        takes: None,
        gives: Some(shape::<Vec<shape::Genre>>),
        problems: &[],
    },
    Operation {
        id: "listChannels",
        summary: "Channels of the guide, by name",
        description: "",
        parameters: &[],
        takes: None,
        gives: Some(shape::<Vec<shape::Channel>>),
        problems: &[],
    },
    Operation {
        id: "getGuide",
        summary: "What is on between two times",
        description: "Every programme that overlaps with the window, by channel. \
                      A window has up to 24 hours, or up to 7 days for one channel.",
        parameters: &[
            Parameter {
                name: "from",
                is_path: false,
                kind: Kind::Time,
                about: "Start of the window, in UTC; now unless given.",
                example: Some("2026-01-09T19:00:00Z"),
            },
            Parameter {
                name: "to",
                is_path: false,
                kind: Kind::Time,
                about: "End of the window, in UTC, after its start; three hours after it unless given.",
                example: Some("2026-01-09T23:00:00Z"),
            },
            Parameter {
                name: "channel",
                is_path: false,
                kind: Kind::Id,
                about: "Id of a channel, for that one only.",
                example: Some("12"),
            },
            Parameter {
                name: "limit",
                is_path: false,
                kind: Kind::Count {
                    most: limit::GUIDE_PAGE,
                },
                about: "Most programmes of the answer; 1,000 unless given.",
                example: Some("500"),
            },
            CURSOR,
        ],
        takes: None,
        gives: Some(shape::<shape::Guide<'static>>),
        problems: &[],
    },
    Operation {
        id: "getOpenApi",
        summary: "This document",
        description: "",
        parameters: &[],
        takes: None,
        gives: Some(|_| schemars::json_schema!({"type": "object"})),
        problems: &[],
    },
    Operation {
        id: "getPreferences",
        summary: "The user's sources and genres",
        description: "The ETag names their version, for `If-Match` of the next change.",
        parameters: &[],
        takes: None,
        gives: Some(shape::<shape::Preferences>),
        problems: &[Problem::Unauthorized],
    },
    Operation {
        id: "putPreferences",
        summary: "Replace the user's sources and genres",
        description: "A missing list counts as an empty one. \
                      With `If-Match` nothing is changed that the client has not seen. \
                      One request can add and remove up to 99 ids.",
        parameters: &[],
        takes: Some(shape::<shape::Preferences>),
        gives: None,
        problems: &[
            Problem::Body,
            Problem::Unauthorized,
            Problem::Precondition,
            Problem::Size,
            Problem::Media,
        ],
    },
    Operation {
        id: "listTitles",
        summary: "Titles by source, genre, name and age",
        description: "Titles to which all given parameters apply: by name where `q`, `source` or `genre` is given, \
                      else newest first, of the last 30 days unless `new_since` says otherwise.",
        parameters: &[
            Parameter {
                name: "source",
                is_path: false,
                kind: Kind::Id,
                about: "Id of a source that has the title.",
                example: Some("203"),
            },
            Parameter {
                name: "genre",
                is_path: false,
                kind: Kind::Id,
                about: "Id of a genre of the title.",
                example: Some("4"),
            },
            Parameter {
                name: "q",
                is_path: false,
                kind: Kind::Name,
                about: "Beginning of the name, whatever its case and accents.",
                example: Some("harbour"),
            },
            Parameter {
                name: "new_since",
                is_path: false,
                kind: Kind::Time,
                about: "First seen at this time or later, in UTC; up to 366 days ago.",
                example: Some("2026-01-01T00:00:00Z"),
            },
            Parameter {
                name: "limit",
                is_path: false,
                kind: Kind::Count {
                    most: limit::TITLES_PAGE,
                },
                about: "Most titles of the answer; 50 unless given.",
                example: Some("20"),
            },
            CURSOR,
        ],
        takes: None,
        gives: Some(shape::<shape::Titles>),
        problems: &[Problem::Unauthorized],
    },
    Operation {
        id: "getTitle",
        summary: "A title, and when it is on",
        description: "",
        parameters: &[Parameter {
            name: "id",
            is_path: true,
            kind: Kind::Id,
            about: "Watchmode's id.",
            example: Some("3100001"),
        }],
        takes: None,
        gives: Some(shape::<shape::TitleDetails<'static>>),
        problems: &[Problem::Unauthorized, Problem::Path, Problem::Title],
    },
    Operation {
        id: "listRecommendations",
        summary: "Well rated titles of the user's sources and genres",
        description: "Up to 20 titles rated above 7 of 10, best first. A list of preferences that is empty restricts nothing.",
        parameters: &[],
        takes: None,
        gives: Some(shape::<shape::Recommendations>),
        problems: &[Problem::Unauthorized],
    },
    Operation {
        id: "listFavourites",
        summary: "What the user follows",
        description: "",
        parameters: &[],
        takes: None,
        gives: Some(shape::<shape::Favourites>),
        problems: &[Problem::Unauthorized],
    },
    Operation {
        id: "putFavourite",
        summary: "Follow a title or a show",
        description: "The user is told when a programme of it is added, moved or cancelled. Doing it twice is doing it once.",
        parameters: &FAVOURITE,
        takes: None,
        gives: None,
        problems: &[Problem::Unauthorized, Problem::Path, Problem::Favourites],
    },
    Operation {
        id: "deleteFavourite",
        summary: "Follow it no longer",
        description: "Also where the user does not follow it.",
        parameters: &FAVOURITE,
        takes: None,
        gives: None,
        problems: &[Problem::Unauthorized, Problem::Path],
    },
];

const CURSOR: Parameter = Parameter {
    name: "cursor",
    is_path: false,
    kind: Kind::Cursor,
    about: "`next` of the last answer, with the same other parameters.",
    example: None,
};

static FAVOURITE: [Parameter; 2] = [
    Parameter {
        name: "kind",
        is_path: true,
        kind: Kind::Favourite,
        about: "What is followed.",
        example: Some("show"),
    },
    Parameter {
        name: "id",
        is_path: true,
        kind: Kind::Id,
        about: "Its id: Watchmode's of a title, TVmaze's of a show.",
        example: Some("82"),
    },
];

#[cfg(test)]
mod tests {
    use super::{OPERATIONS, of};
    use crate::contract::api::ROUTES;

    #[test]
    fn every_route_has_its_operation_and_every_operation_its_route() {
        let routes: Vec<_> = ROUTES.iter().map(|route| route.operation).collect();
        let operations: Vec<_> = OPERATIONS.iter().map(|operation| operation.id).collect();
        assert_eq!(routes, operations);
    }

    #[test]
    fn the_parameters_of_a_path_are_those_of_its_operation() {
        for route in &ROUTES {
            let in_path = route
                .path
                .split('/')
                .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
            let operation = of(route.operation).unwrap();
            let declared = operation.parameters.iter().filter(|parameter| parameter.is_path);
            let declared: Vec<_> = declared.map(|parameter| parameter.name).collect();
            assert_eq!(in_path.collect::<Vec<_>>(), declared, "{}", route.path);
        }
    }
}
