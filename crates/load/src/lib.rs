//! From files to a warehouse: VCF here, with people, samples, consent and ontologies beside it.
//!
//! Every loader writes one source in one transaction ([`source`]) into tables made from the model
//! ([`schema`]). Nothing here asks a question of the data; nothing is loaded half.

pub mod annotation;
pub mod beacon;
mod cell;
pub mod consent;
mod input;
mod interval;
mod json;
pub mod omop;
mod onset;
pub mod ontology;
pub mod pedigree;
pub mod phenopackets;
pub mod release;
pub mod schema;
pub mod source;
mod stage;
pub mod table;
mod units;
pub mod vcf;
