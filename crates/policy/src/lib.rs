//! Being built.

pub mod consent;
