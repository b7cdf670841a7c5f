//! Our systems as stacks: an environment file in, templates out, no IO.
