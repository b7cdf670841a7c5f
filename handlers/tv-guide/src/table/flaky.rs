//! A table that fails when it is told to, for tests of what happens then.

use std::cell::Cell;

use super::{Error, Item, Key, Outcome, Page, Query, Table, Write};

/// Another table, which some calls do not reach, or from which some answers do not come back.
pub(crate) struct Flaky<'a, T, F> {
    inner: &'a T,
    calls: Cell<u64>,
    fault: F,
}

/// Where a call breaks off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Break {
    /// Before anything was done.
    Before,
    /// After it was done, unbeknown to the caller.
    After,
}

impl<'a, T: Table, F: Fn(u64) -> Option<Break>> Flaky<'a, T, F> {
    /// A table whose calls, counted from 0, break off as `fault` says.
    pub(crate) fn new(inner: &'a T, fault: F) -> Self {
        let calls = Cell::new(0);
        Flaky { inner, calls, fault }
    }

    /// How many calls were made.
    pub(crate) fn calls(&self) -> u64 {
        self.calls.get()
    }

    async fn run<A>(&self, call: impl Future<Output = Result<A, Error>>) -> Result<A, Error> {
        let number = self.calls.replace(self.calls.get() + 1);
        let fault = (self.fault)(number);
        let broken = || Error::Call {
            call: "Call",
            table: "flaky".to_owned(),
            source: format!("call {number} breaks off").into(),
        };
        if fault == Some(Break::Before) {
            return Err(broken());
        }
        let answer = call.await?;
        match fault {
            Some(_) => Err(broken()),
            None => Ok(answer),
        }
    }
}

impl<T: Table, F: Fn(u64) -> Option<Break>> Table for Flaky<'_, T, F> {
    async fn get(&self, key: &Key) -> Result<Option<Item>, Error> {
        self.run(self.inner.get(key)).await
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Item>>, Error> {
        self.run(self.inner.get_many(keys)).await
    }

    async fn query(&self, query: &Query) -> Result<Page, Error> {
        self.run(self.inner.query(query)).await
    }

    async fn write(&self, write: Write) -> Result<Outcome, Error> {
        self.run(self.inner.write(write)).await
    }

    async fn write_all(&self, writes: Vec<Write>) -> Result<(), Error> {
        // Half of a batch may be done when it breaks off.
        let half = writes.iter().take(writes.len() / 2).cloned().collect();
        let answer = self.run(self.inner.write_all(writes)).await;
        if answer.is_err() {
            self.inner.write_all(half).await?;
        }
        answer
    }

    async fn transact(&self, writes: Vec<Write>) -> Result<Outcome, Error> {
        self.run(self.inner.transact(writes)).await
    }
}
