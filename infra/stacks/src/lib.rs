//! Our systems as stacks: an environment goes in, templates come out.
//!
//! Pure but for [`Environment::load`], which reads one file: no network, no clock, no process
//! environment, so that the same input gives the same bytes on any machine.
//!
//! Reading order: [`environment`], [`app()`], then one module per system; [`price`] says what they
//! cost.

mod app;
pub mod environment;
mod function;
pub mod lake;
pub mod price;
pub mod tv_guide;
mod watch;

pub use app::{Error, app};
pub use environment::Environment;
