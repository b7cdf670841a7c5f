//! What became of everything that was found.

use serde::Serialize;

use crate::repair::run;

/// What became of everything that was found.
///
/// `found` = `redriven` + `already_there` + `still_bad` + `expired`, always.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Account {
    /// Events; of an expired record the record.
    pub(crate) found: u64,
    /// Sent again, and taken; in a dry run what would be sent.
    pub(crate) redriven: u64,
    /// In the table or in quarantine before.
    pub(crate) already_there: u64,
    /// Left where they are, since they would be refused again.
    pub(crate) still_bad: u64,
    /// Gone from the stream before they could be read: lost.
    pub(crate) expired: u64,
    /// Messages and objects that were looked at.
    pub(crate) sources: u64,
    /// Messages and lines that are none of ours; they stay.
    pub(crate) unreadable: u64,
}

impl run::Account for Account {
    const BROKEN_OFF: &str = "";

    fn line(&self) -> String {
        let Account {
            found,
            redriven,
            already_there,
            still_bad,
            expired,
            sources,
            unreadable,
        } = self;
        let mut line = format!(
            "{found} found in {sources} messages and objects = {redriven} redriven + {already_there} already there \
             + {still_bad} still bad + {expired} expired"
        );
        if *unreadable > 0 {
            line += &format!("; {unreadable} messages or lines are none of the lake's, and stay");
        }
        line
    }

    fn adds_up(&self) -> bool {
        self.found == self.redriven + self.already_there + self.still_bad + self.expired
    }

    fn is_well(&self) -> bool {
        self.expired == 0
    }
}
