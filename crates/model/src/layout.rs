//! The layout of genotypes: entities that the compiler reads by name.
//!
//! Most of a model is declared, and the compiler follows the declarations: who the subject is, when
//! people are born and die, in which periods they are observed, which column is the code and which the
//! date. Genotypes are another matter. Carried alleles, their copies, coverage and the choice of a sample
//! are rules of the language over several tables at once, and those tables are ours: a loader writes
//! them, and no warehouse that exists already has them. They are therefore known by name, and a model
//! that uses one of these names for something else is refused (E0610) instead of being misread. A model
//! without them has no variants, and everything else of the language.

/// Each entity with the columns that the compiler reads; all of them are needed.
pub const LAYOUTS: &[(&str, &[&str])] = &[
    ("sample", &["sample_id", "subject_id", "collected_on", "qc_passed"]),
    ("variant", &["variant_id", "build", "contig", "position", "ref", "alt"]),
    ("effect", &["effect_id", "variant_id", "gene", "consequence", "impact", "reported"]),
    ("call_set", &["call_set_id", "build"]),
    ("call_set_sample", &["call_set_id", "ordinal", "sample_id"]),
    ("call", &["call_set_id", "variant_id", "ordinal", "call"]),
    ("site", &["call_set_id", "variant_id"]),
    ("coverage", &["call_set_id", "contig", "start_position", "end_position", "covered"]),
    ("covered_person", &["call_set_id", "contig", "start_position", "end_position", "ordinal"]),
    ("gene", &["symbol"]),
];

/// The table of an entity of the layout.
pub fn table(entity: &str) -> &str {
    if entity == "call" { "genotype" } else { entity }
}
