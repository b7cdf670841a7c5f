//! Events to Parquet: a batch of records becomes one object for each hour that its events are of.
//!
//! Bytes in, bytes out, as in [`lake`], whose reader decides what an event is and which hour it
//! belongs to; this crate refuses to know AWS's SDKs, the clock, the network and the process
//! environment.
//! The same records in the same order give the same bytes, whatever the encoder did before.
//!
//! Nothing is built between a record and its columns: the reader says where the values stand, they
//! are copied once to the columns of their hour, and the pages are encoded from there.
//! Only the frame of the file (page headers, footer) is written by the `parquet` crate.
//!
//! Reading order: [`Encoder`], [`Layout`] (which columns there are, and how each is encoded),
//! `members` (fields with a column of their own), `rows` and `column` (values before they are
//! pages), `encoding` (Parquet's encodings), `file` (pages to an object); then [`compact`].

mod column;
pub mod compact;
mod compressor;
mod dictionary;
mod encoder;
mod encoding;
mod file;
mod layout;
mod members;
mod rows;
mod seen;

pub use compressor::Compression;
pub use encoder::{Encoder, Object, Objects, Pushed, Settings};
pub use file::EncodeError;
pub use layout::{Column, Form, Layout, LayoutError, Source};
