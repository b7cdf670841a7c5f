//! Programs under SIGKILL: the real functions, killed at named points and at random, their requests
//! arriving late; and what must be true all the same.
//!
//! Nothing is built into the programs for it. Each of their requests passes through a proxy, which
//! knows the sending process, and kills it or not.
//!
//! Reading order: [`call`] (what a program asks for) and [`point`] (where it is hit), [`schedule`]
//! (who is killed when), [`proxy`] (how), [`lease`] and [`function`] (what the dead leave, and where
//! they come from); then the programs: [`write`](mod@write) and [`compact`].

pub mod call;
pub mod compact;
pub mod function;
pub mod lease;
pub mod point;
pub mod proxy;
pub mod schedule;
pub mod write;
