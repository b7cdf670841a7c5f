//! A stream in memory, for tests: it takes what it is told to take.

use std::cell::RefCell;

use super::{Entry, Error, Stream};

/// A stream that keeps what it has taken.
pub struct Memory<F> {
    takes: F,
    calls: RefCell<Vec<usize>>,
    taken: RefCell<Vec<Entry>>,
}

impl<F: Fn(usize, usize) -> Option<bool>> Memory<F> {
    /// A stream that is asked, for each record, by the number of the call and the record's place in
    /// it, whether it takes the record; none fails the call.
    pub fn new(takes: F) -> Self {
        Self {
            takes,
            calls: RefCell::default(),
            taken: RefCell::default(),
        }
    }

    /// How many records each call had.
    pub fn calls(&self) -> Vec<usize> {
        self.calls.borrow().clone()
    }

    /// Takes out what it has.
    pub fn drain(&self) -> Vec<Entry> {
        self.taken.take()
    }
}

impl<F: Fn(usize, usize) -> Option<bool>> Stream for Memory<F> {
    async fn put(&self, entries: &[&Entry]) -> Result<Vec<Option<String>>, Error> {
        let call = self.calls.borrow().len();
        self.calls.borrow_mut().push(entries.len());
        let mut numbers = Vec::new();
        for (place, entry) in entries.iter().enumerate() {
            let takes = (self.takes)(call, place).ok_or_else(|| Error {
                stream: "memory".to_owned(),
                source: "the call fails".into(),
            })?;
            numbers.push(takes.then(|| {
                self.taken.borrow_mut().push((*entry).clone());
                self.taken.borrow().len().to_string()
            }));
        }
        Ok(numbers)
    }
}
