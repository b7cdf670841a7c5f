//! The words in which an infra stack and a Lambda agree.
