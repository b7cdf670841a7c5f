//! A function needs its code and its role.

use infra_resources::lambda::{Function, function::Code};

fn main() {
    Function { memory_size: Some(256.into()), ..Function::new(Code::new()) };
}
