//! Our opinions about AWS resources, one noun per file.
