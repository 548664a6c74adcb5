//! What holds the grammar to the compiler's parser, and its queries to the token table; in one binary. That its generated
//! files are those of the grammar is held by the package `generate` beside it.

mod accepted;
mod corpus;
mod queries;
mod texts;
