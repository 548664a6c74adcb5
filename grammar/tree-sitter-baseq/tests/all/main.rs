//! What holds the grammar to the compiler's parser, its generated files to the grammar, and its queries to the
//! token table; in one binary.

mod accepted;
mod corpus;
mod generated;
mod queries;
mod texts;
