//! What the registry schemas say about a resource type, as data that costs nothing to load.
//!
//! `infra-resources` holds one [`Facts`] per type, generated; checks, diffs and deploy roles read them.
//! Paths of properties are dotted, with `*` for the items of a list: `Rules.*.Prefix`.

/// The facts of one resource type.
#[derive(Debug)]
pub struct Facts {
    /// The type's name, such as `AWS::S3::Bucket`.
    pub type_name: &'static str,
    /// The public page that documents the type.
    pub documentation: &'static str,
    /// Whether replacing or deleting it loses data.
    pub stateful: bool,
    /// Whether a replacement deletes the old resource before it makes the new one.
    pub delete_before_create: bool,
    /// The property that takes tags.
    pub tags: Tags,
    /// The properties that together identify a resource of this type.
    pub primary_identifier: &'static [&'static str],
    /// What `Fn::GetAtt` takes.
    pub attributes: &'static [&'static str],
    /// Properties that the service sets and a template must not.
    pub read_only: &'static [&'static str],
    /// Properties whose change replaces the resource.
    pub create_only: &'static [&'static str],
    /// Properties whose change may replace the resource, depending on what it changes to.
    pub conditional_create_only: &'static [&'static str],
    /// Properties that cannot be read back, so that drift in them is not seen.
    pub write_only: &'static [&'static str],
    /// Properties that AWS advises against.
    pub deprecated: &'static [&'static str],
    /// The permissions that CloudFormation needs to manage the type.
    pub handlers: Handlers,
    /// The properties that a template may set.
    pub properties: &'static Object,
}

impl Facts {
    /// Facts of a type about which nothing but its name is known.
    pub const fn new(type_name: &'static str) -> Self {
        Facts {
            type_name,
            documentation: "",
            stateful: false,
            delete_before_create: false,
            tags: Tags::None,
            primary_identifier: &[],
            attributes: &[],
            read_only: &[],
            create_only: &[],
            conditional_create_only: &[],
            write_only: &[],
            deprecated: &[],
            handlers: Handlers {
                create: &[],
                read: &[],
                update: &[],
                delete: &[],
                list: &[],
            },
            properties: &Object {
                properties: &[],
                required: &[],
                rules: &[],
            },
        }
    }

    /// The shape of the property at a dotted path, with `*` for the items of a list.
    pub fn shape(&self, path: &str) -> Option<&'static Shape> {
        let mut names = path.split('.');
        let mut shape = &self.properties.property(names.next()?)?.shape;
        for name in names {
            shape = match (shape, name) {
                (Shape::List(item, _), "*") => item,
                (Shape::List(Shape::Object(object), _) | Shape::Object(object), _) => &object.property(name)?.shape,
                (Shape::Map(value, _), _) => value,
                _ => return None,
            };
        }
        Some(shape)
    }
}

/// How a type takes tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tags {
    /// Not at all.
    None,
    /// As a list of `Key` and `Value`, in this property.
    List(&'static str),
    /// As a map from key to value, in this property.
    Map(&'static str),
}

/// The IAM actions that CloudFormation calls on behalf of the deployer, per operation.
#[derive(Clone, Copy, Debug)]
pub struct Handlers {
    /// To make a resource.
    pub create: &'static [&'static str],
    /// To read its state, for drift detection and attributes.
    pub read: &'static [&'static str],
    /// To change it in place.
    pub update: &'static [&'static str],
    /// To delete it.
    pub delete: &'static [&'static str],
    /// To list the resources of the type.
    pub list: &'static [&'static str],
}

/// An object with known members.
#[derive(Debug)]
pub struct Object {
    /// The members, sorted by name; no others are allowed.
    pub properties: &'static [Property],
    /// The members that must be there.
    pub required: &'static [&'static str],
    /// What holds between members.
    pub rules: &'static [Rule],
}

impl Object {
    /// The member with this name.
    pub fn property(&self, name: &str) -> Option<&'static Property> {
        let at = self.properties.binary_search_by_key(&name, |property| property.name);
        at.ok().map(|at| &self.properties[at])
    }
}

/// A member of an [`Object`].
#[derive(Debug)]
pub struct Property {
    /// The name as CloudFormation spells it.
    pub name: &'static str,
    /// What it holds.
    pub shape: Shape,
}

/// What a property holds, and within which limits.
#[derive(Debug)]
pub enum Shape {
    /// A text.
    Text(&'static [Limit]),
    /// A whole number.
    Integer(&'static [Limit]),
    /// A number.
    Number(&'static [Limit]),
    /// `true` or `false`.
    Boolean,
    /// Anything: a free-form object, or a text that holds JSON.
    Any,
    /// Known members.
    Object(&'static Object),
    /// A list of items of one shape.
    List(&'static Shape, &'static [Limit]),
    /// Free keys with values of one shape.
    Map(&'static Shape, &'static [Limit]),
}

/// A bound on a value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Limit {
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// One of these numbers.
    OneOfNumbers(&'static [i64]),
    /// A text in which this regular expression (ECMA 262) finds a match; for a map, each key.
    Pattern(&'static str),
    /// At least so many characters.
    MinLength(u64),
    /// At most so many characters.
    MaxLength(u64),
    /// At least this number.
    AtLeast(f64),
    /// At most this number.
    AtMost(f64),
    /// At least so many items or members.
    MinItems(u64),
    /// At most so many items or members.
    MaxItems(u64),
    /// No item twice.
    Unique,
}

/// What holds between the members of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Exactly one of these members.
    ExactlyOne(&'static [&'static str]),
    /// At least one of these members.
    AtLeastOne(&'static [&'static str]),
    /// The first member only together with all of the others.
    Requires(&'static str, &'static [&'static str]),
    /// The first member with none of the others.
    Excludes(&'static str, &'static [&'static str]),
}

#[cfg(test)]
mod tests {
    use super::{Facts, Limit, Object, Property, Shape};

    static RULE: Object = Object {
        properties: &[
            Property {
                name: "Id",
                shape: Shape::Text(&[Limit::MaxLength(255)]),
            },
            Property {
                name: "Nested",
                shape: Shape::Object(&RULE),
            },
        ],
        required: &[],
        rules: &[],
    };

    const FACTS: Facts = Facts {
        properties: &Object {
            properties: &[
                Property {
                    name: "Labels",
                    shape: Shape::Map(&Shape::Text(&[]), &[]),
                },
                Property {
                    name: "Rules",
                    shape: Shape::List(&Shape::Object(&RULE), &[]),
                },
            ],
            required: &[],
            rules: &[],
        },
        ..Facts::new("Test::Unit::Thing")
    };

    #[test]
    fn a_path_leads_through_lists_maps_and_recursion() {
        let is_text = |path| matches!(FACTS.shape(path), Some(Shape::Text(_)));
        assert!(is_text("Rules.*.Id"));
        assert!(is_text("Rules.Nested.Nested.Id"));
        assert!(is_text("Labels.anything"));
        assert!(FACTS.shape("Rules.*.Absent").is_none());
        assert!(FACTS.shape("Rules.*.Id.Deeper").is_none());
    }
}
