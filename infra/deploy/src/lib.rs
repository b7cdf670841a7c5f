//! Deploys stacks through CloudFormation change sets: the only crate that talks to CloudFormation.
//!
//! It refuses to know what is in a template beyond its parameters and deletion policies, and it
//! has no branch for a local cloud: that is only another endpoint.
//!
//! The engine ([`engine::Engine`]) works on four ports, so that every course that a deployment
//! can take is tested without AWS and without waiting: [`cloudformation::CloudFormation`],
//! [`bucket::Objects`], [`clock::Clock`] and [`console::Console`].
//!
//! Reading order: [`plan`], [`deploy`], [`change_set`], [`follow`], [`cause`], [`destroy`];
//! then the ports and [`client`]; [`app`] makes a program of them for stacks of another crate.

pub mod plan;

pub mod asset;
pub mod bucket;
pub mod parameter;
pub mod site;
pub mod template;

pub mod choice;
pub mod engine;
pub mod fleet;
pub mod lane;
pub mod order;

pub mod across;
pub mod budget;
pub mod change_set;
pub mod changes;
pub mod deploy;
pub mod destroy;
pub mod diff;
pub mod drift;
pub mod express;
pub mod follow;
pub mod golden;
pub mod guard;
pub mod outputs;
pub mod recover;
pub mod rename;

pub mod cause;
pub mod progress;
pub mod table;

pub mod client;
pub mod clock;
pub mod cloudformation;
pub mod console;
pub mod error;

pub mod app;
