//! The program as it is run, against a stand-in for AWS on a loopback port.

mod produce;
mod quarantine;
mod query;
mod stand_in;
