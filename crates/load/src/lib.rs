//! From files to a warehouse: VCF here, with people, samples, consent and ontologies beside it.
//!
//! Every loader writes one source in one transaction ([`source`]) into tables made from the model
//! ([`schema`]). Nothing here asks a question of the data; nothing is loaded half.

pub mod schema;
pub mod source;
pub mod vcf;
