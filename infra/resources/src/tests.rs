//! What the generated code does.
