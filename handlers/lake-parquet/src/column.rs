//! Values of one column of one hour, before they are pages.

use std::ops::Range;

use crate::dictionary::Dictionary;
use crate::layout::Kind;

/// Which rows have a value.
#[derive(Debug)]
pub(crate) struct Levels {
    /// The definition level of a value.
    pub(crate) max: u8,
    pub(crate) rows: usize,
    pub(crate) nulls: usize,
    /// Each row's level; empty as long as there is no null.
    levels: Vec<u8>,
}

impl Levels {
    fn new(max: u8) -> Self {
        Self {
            max,
            rows: 0,
            nulls: 0,
            levels: Vec::new(),
        }
    }

    #[inline]
    fn present(&mut self) {
        if self.nulls > 0 {
            self.levels.push(self.max);
        }
        self.rows += 1;
    }

    #[inline]
    fn absent(&mut self, level: u8) {
        if self.nulls == 0 {
            self.levels.resize(self.rows, self.max);
        }
        self.levels.push(level);
        self.rows += 1;
        self.nulls += 1;
    }

    fn clear(&mut self) {
        (self.rows, self.nulls) = (0, 0);
        self.levels.clear();
    }

    /// The levels of `rows`, where any row has a null.
    pub(crate) fn of(&self, rows: Range<usize>) -> Option<&[u8]> {
        self.levels.get(rows).filter(|_| self.nulls > 0)
    }

    /// How many values `rows` have.
    pub(crate) fn values_in(&self, rows: Range<usize>) -> usize {
        let length = rows.len();
        self.of(rows).map_or(length, |levels| {
            levels.iter().filter(|level| **level == self.max).count()
        })
    }
}

/// Text, all values one after another.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    pub(crate) bytes: Vec<u8>,
    pub(crate) lengths: Vec<u32>,
}

impl Texts {
    #[inline]
    pub(crate) fn push(&mut self, text: &[u8]) {
        self.bytes.extend_from_slice(text);
        self.end(self.bytes.len() - text.len());
    }

    /// Makes a value of all bytes from `start` on.
    #[inline]
    pub(crate) fn end(&mut self, start: usize) {
        // No record is that long.
        self.lengths.push((self.bytes.len() - start) as u32);
    }

    /// The texts of `span`.
    pub(crate) fn each(&self, span: Range<usize>) -> impl Iterator<Item = &[u8]> {
        let before = self.lengths.get(..span.start).unwrap_or_default();
        let start = before.iter().map(|length| *length as usize).sum();
        let rest = self.bytes.get(start..).unwrap_or_default();
        let lengths = self.lengths.get(span).unwrap_or_default().iter();
        lengths.scan(rest, |rest, length| {
            let (text, behind) = rest.split_at_checked(*length as usize)?;
            *rest = behind;
            Some(text)
        })
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.lengths.clear();
    }
}

/// Text of few different values, until there are too many.
#[derive(Debug, Default)]
pub(crate) struct Repeated {
    pub(crate) dictionary: Dictionary,
    pub(crate) numbers: Vec<u32>,
    /// All values, once the dictionary is full.
    texts: Texts,
    is_full: bool,
}

/// The values of a column of repeated text.
pub(crate) enum Numbered<'c> {
    Dictionary(&'c Dictionary, &'c [u32]),
    Texts(&'c Texts),
}

impl Repeated {
    #[inline]
    fn push(&mut self, text: &[u8]) {
        if !self.is_full {
            if let Some(number) = self.dictionary.number(text) {
                self.numbers.push(number);
                return;
            }
            self.spread();
        }
        self.texts.push(text);
    }

    /// Gives the dictionary up.
    #[cold]
    fn spread(&mut self) {
        for number in self.numbers.drain(..) {
            self.texts.push(self.dictionary.text(number));
        }
        self.is_full = true;
    }

    /// The values in the form that is smaller.
    pub(crate) fn values(&mut self) -> Numbered<'_> {
        // Each text once and a number for each value: no gain if hardly any comes twice.
        if !self.is_full && self.numbers.len() < 2 * self.dictionary.len() {
            self.spread();
        }
        if self.is_full {
            Numbered::Texts(&self.texts)
        } else {
            Numbered::Dictionary(&self.dictionary, &self.numbers)
        }
    }

    fn clear(&mut self) {
        self.dictionary.clear();
        self.numbers.clear();
        self.texts.clear();
        self.is_full = false;
    }
}

/// The values, without the nulls.
#[derive(Debug)]
pub(crate) enum Values {
    Repeated(Repeated),
    Texts(Texts),
    Integers { values: Vec<i64>, packed: bool },
    Doubles(Vec<f64>),
}

/// One column of one hour.
#[derive(Debug)]
pub(crate) struct Chunk {
    pub(crate) levels: Levels,
    pub(crate) values: Values,
}

impl Chunk {
    pub(crate) fn new(kind: Kind, max_level: u8) -> Self {
        let values = match kind {
            Kind::RepeatedText => Values::Repeated(Repeated::default()),
            Kind::Text => Values::Texts(Texts::default()),
            Kind::Integer { packed } => Values::Integers {
                values: Vec::new(),
                packed,
            },
            Kind::Timestamp => Values::Integers {
                values: Vec::new(),
                packed: true,
            },
            Kind::Double => Values::Doubles(Vec::new()),
        };
        Self {
            levels: Levels::new(max_level),
            values,
        }
    }

    /// Adds a row without a value; `level` is how many names of its path are there.
    #[inline]
    pub(crate) fn absent(&mut self, level: u8) {
        self.levels.absent(level);
    }

    #[inline]
    pub(crate) fn text(&mut self, text: &[u8]) {
        match &mut self.values {
            Values::Repeated(values) => values.push(text),
            Values::Texts(values) => values.push(text),
            // The layout decides what is pushed: neither happens.
            Values::Integers { .. } | Values::Doubles(_) => return self.levels.absent(0),
        }
        self.levels.present();
    }

    /// Adds a row whose text `write` appends.
    #[inline]
    pub(crate) fn written(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let Values::Texts(values) = &mut self.values else {
            return self.levels.absent(0);
        };
        let start = values.bytes.len();
        write(&mut values.bytes);
        values.end(start);
        self.levels.present();
    }

    #[inline]
    pub(crate) fn integer(&mut self, integer: i64) {
        let Values::Integers { values, .. } = &mut self.values else {
            return self.levels.absent(0);
        };
        values.push(integer);
        self.levels.present();
    }

    #[inline]
    pub(crate) fn double(&mut self, double: f64) {
        let Values::Doubles(values) = &mut self.values else {
            return self.levels.absent(0);
        };
        values.push(double);
        self.levels.present();
    }

    /// Forgets every row and keeps the room.
    pub(crate) fn clear(&mut self) {
        self.levels.clear();
        match &mut self.values {
            Values::Repeated(values) => values.clear(),
            Values::Texts(values) => values.clear(),
            Values::Integers { values, .. } => values.clear(),
            Values::Doubles(values) => values.clear(),
        }
    }
}
