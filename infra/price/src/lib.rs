//! What a stack costs in a month, before it is deployed.
//!
//! An [`Estimate`] takes the resources of a synthesised template, the stated [`Load`] and the
//! dated price table of a [`Region`], and gives one line per thing that is billed, each with its
//! formula in numbers; a changed property changes the price.
//! A type that is not known is said to be "not priced", never guessed and never an error.
//!
//! Money is counted in whole micro-dollars. There is no IO here, no clock, and no floating point.
//! `docs/prices.md` says what is assumed and what is left out.
//!
//! Reading order: [`mod@load`], [`mod@table`], [`mod@line`], [`mod@estimate`], then `model`, which
//! holds one module per kind of service, and [`mod@report`].

mod model;
mod resource;

pub mod estimate;
pub mod line;
pub mod load;
pub mod money;
pub mod report;
pub mod table;

pub use estimate::{Change, Delta, Estimate, Priced, Standing};
pub use line::Line;
pub use load::Load;
pub use money::Money;
pub use table::Region;
