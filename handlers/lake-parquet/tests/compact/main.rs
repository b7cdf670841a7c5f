//! Compaction against the naive way to say it: all rows in memory, sorted, the first of each event.

mod damage;
mod index;
mod model;
mod object;
mod rows;
