//! The demo, and what is read of its files.

pub(crate) mod made;
