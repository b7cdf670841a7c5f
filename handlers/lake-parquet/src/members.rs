//! Members that have a column of their own, found while the event is read.

use std::ops::Range;

use lake::number;
use lake::scan::{Cursor, Fault, Quoted, Scanner};
use lake::{Kind as Json, event::Others};

use crate::layout::{Column, Form, Source};

/// A member's value, as far as its column takes it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) enum Value {
    /// Absent, null, or of another type.
    #[default]
    Absent,
    /// Text: where its JSON text stands in the event, and whether that is escaped.
    Text {
        start: usize,
        end: usize,
        escaped: bool,
    },
    Integer(i64),
    Double(f64),
}

/// The members of a layout, and their values in the event that was read last.
#[derive(Debug, Default)]
pub(crate) struct Members {
    top: Names,
    groups: Vec<Names>,
    /// Of each slot.
    forms: Vec<Form>,
    /// Of each slot.
    values: Vec<Value>,
    /// Of each group, whether the event has an object there.
    has_group: Vec<bool>,
}

/// Where a column finds its member's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slot {
    value: usize,
    group: Option<usize>,
}

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Value(usize),
    Group(usize),
}

impl Members {
    /// The members of `columns`, and each column's slot.
    pub(crate) fn new(columns: &[Column]) -> (Self, Vec<Option<Slot>>) {
        let mut members = Self::default();
        let slots = columns.iter().map(|column| members.add(column)).collect();
        members.values.resize(members.forms.len(), Value::Absent);
        members.has_group.resize(members.groups.len(), false);
        (members, slots)
    }

    fn add(&mut self, column: &Column) -> Option<Slot> {
        let Source::Member(form) = column.source else {
            return None;
        };
        let value = self.forms.len();
        self.forms.push(form);
        let (name, group) = match column.path.as_slice() {
            [group, name] => (name, Some(group)),
            path => (path.first()?, None),
        };
        let Some(group) = group else {
            self.top.add(name, Target::Value(value));
            return Some(Slot { value, group: None });
        };
        let index = match self.top.target(group) {
            Some(Target::Group(index)) => index,
            _ => {
                self.groups.push(Names::default());
                self.top.add(group, Target::Group(self.groups.len() - 1));
                self.groups.len() - 1
            }
        };
        self.groups.get_mut(index)?.add(name, Target::Value(value));
        Some(Slot {
            value,
            group: Some(index),
        })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.forms.is_empty()
    }

    /// Forgets the event before.
    #[inline]
    pub(crate) fn clear(&mut self) {
        self.values.fill(Value::Absent);
        self.has_group.fill(false);
        self.top.start();
    }

    #[inline]
    pub(crate) fn value(&self, slot: Slot) -> Value {
        self.values.get(slot.value).copied().unwrap_or_default()
    }

    /// How many names of the slot's path the event has, where it has no value.
    #[inline]
    pub(crate) fn level(&self, slot: Slot) -> u8 {
        let group = slot.group.and_then(|group| self.has_group.get(group));
        u8::from(group.copied().unwrap_or(false))
    }
}

impl Others for Members {
    #[inline]
    fn take(&mut self, key: &Quoted, scanner: &mut Scanner<'_, Cursor<'_>>) -> Result<bool, Fault> {
        match self.top.find(key, scanner.text()) {
            Some(Target::Value(slot)) => take(&self.forms, &mut self.values, slot, scanner, 1),
            Some(Target::Group(index)) if scanner.kind() == Some(Json::Object) => self.group(index, scanner),
            _ => {
                scanner.value(1)?;
                Ok(false)
            }
        }
    }
}

impl Members {
    /// Takes the members of a group; `true` when every one had its column.
    fn group(&mut self, index: usize, scanner: &mut Scanner<'_, Cursor<'_>>) -> Result<bool, Fault> {
        let (Some(names), Some(has_group)) = (self.groups.get_mut(index), self.has_group.get_mut(index)) else {
            scanner.value(1)?;
            return Ok(false);
        };
        if *has_group {
            // The group again: the first one counts.
            scanner.value(1)?;
            return Ok(false);
        }
        *has_group = true;
        names.start();
        let mut whole = true;
        scanner.eat(b'{');
        scanner.space();
        if scanner.eat(b'}') {
            return Ok(true);
        }
        loop {
            let key = scanner.key()?;
            if let Some(Target::Value(slot)) = names.find(&key, scanner.text()) {
                whole &= take(&self.forms, &mut self.values, slot, scanner, 2)?;
            } else {
                scanner.value(2)?;
                whole = false;
            }
            if !scanner.another(b'}')? {
                return Ok(whole);
            }
        }
    }
}

/// Steps over the value of `slot` and keeps it if the column takes it whole.
#[inline]
fn take(
    forms: &[Form],
    values: &mut [Value],
    slot: usize,
    scanner: &mut Scanner<'_, Cursor<'_>>,
    depth: u32,
) -> Result<bool, Fault> {
    let (Some(form), Some(value)) = (forms.get(slot), values.get_mut(slot)) else {
        scanner.value(depth)?;
        return Ok(false);
    };
    let found = match (form, scanner.kind()) {
        (Form::RepeatedText | Form::Text, Some(Json::String)) => {
            let Quoted { span, escaped } = scanner.string()?;
            let text = scanner.text().get(span.clone()).unwrap_or_default();
            // Half a surrogate pair is no text.
            (!escaped || lake::event::unescape(text).is_ok()).then_some(Value::Text {
                start: span.start,
                end: span.end,
                escaped,
            })
        }
        (Form::Integer | Form::SkewedInteger, Some(Json::Number)) => {
            let number = scanner.number()?;
            scanner.text().get(number).and_then(number::integer).map(Value::Integer)
        }
        (Form::Double, Some(Json::Number)) => {
            let number = scanner.number()?;
            let double = scanner.text().get(number).and_then(number::double);
            double.filter(|double| double.is_finite()).map(Value::Double)
        }
        (_, found) => {
            scanner.value(depth)?;
            (found == Some(Json::Null)).then_some(Value::Absent)
        }
    };
    // Of a name that comes twice the first value counts, and the second stays in the rest.
    match (found, &value) {
        (Some(found), Value::Absent) => {
            *value = found;
            Ok(true)
        }
        _ => Ok(false),
    }
}

/// Names of members, which are expected in the order in which they came last.
#[derive(Debug, Default)]
struct Names {
    names: Vec<Name>,
    /// Of each name, and at last of the start: the name that came behind it.
    followers: Vec<usize>,
    /// The name that came last.
    last: usize,
}

#[derive(Debug)]
struct Name {
    /// The first bytes, the rest of them zeros, and the bits that count.
    head: u128,
    mask: u128,
    text: Box<[u8]>,
    target: Target,
}

/// Bytes of a name that are compared at once.
const HEAD: usize = size_of::<u128>();

impl Name {
    fn new(name: &str, target: Target) -> Self {
        let mut head = [0; HEAD];
        let mut mask = [0; HEAD];
        for ((head, mask), byte) in head.iter_mut().zip(&mut mask).zip(name.bytes()) {
            (*head, *mask) = (byte, 0xff);
        }
        Self {
            head: u128::from_le_bytes(head),
            mask: u128::from_le_bytes(mask),
            text: name.as_bytes().into(),
            target,
        }
    }

    /// Whether the key at `span` of `text` is this name.
    #[inline]
    fn is(&self, text: &[u8], span: &Range<usize>) -> bool {
        if span.len() != self.text.len() {
            return false;
        }
        // Whatever stands behind a short key is masked.
        match text.get(span.start..).and_then(<[u8]>::first_chunk) {
            Some(head) if (u128::from_le_bytes(*head) ^ self.head) & self.mask != 0 => false,
            Some(_) if span.len() <= HEAD => true,
            _ => text.get(span.clone()) == Some(&self.text),
        }
    }
}

impl Names {
    fn add(&mut self, name: &str, target: Target) {
        self.names.push(Name::new(name, target));
        // Until events teach another order: that of the columns.
        let count = self.names.len();
        self.followers = (1..count).chain([0, 0]).collect();
    }

    fn target(&self, name: &str) -> Option<Target> {
        let found = self.names.iter().find(|known| *known.text == *name.as_bytes());
        found.map(|name| name.target)
    }

    #[inline]
    fn start(&mut self) {
        self.last = self.names.len();
    }

    #[inline]
    fn find(&mut self, key: &Quoted, text: &[u8]) -> Option<Target> {
        if key.escaped {
            let name = lake::event::unescape(text.get(key.span.clone())?).ok()?;
            return self.search(name.as_bytes(), &(0..name.len()));
        }
        let expected = *self.followers.get(self.last)?;
        let name = self.names.get(expected)?;
        if name.is(text, &key.span) {
            self.last = expected;
            return Some(name.target);
        }
        self.search(text, &key.span)
    }

    /// Looks for a name that was not expected here, and expects it from now on.
    #[inline(never)]
    fn search(&mut self, text: &[u8], span: &Range<usize>) -> Option<Target> {
        let found = self.names.iter().position(|name| name.is(text, span))?;
        if let Some(follower) = self.followers.get_mut(self.last) {
            *follower = found;
        }
        self.last = found;
        self.names.get(found).map(|name| name.target)
    }
}
