//! The project around the data: settings, policy, queries, and the extracts of ontologies.
//!
//! The queries are the tour in `examples/`, which has its own place because people read it without running
//! anything.

/// The day the examples ask about, the first on which all data of the demo is there.
pub const AS_OF: &str = "2025-01-01";

/// Paths below the project's folder, and texts.
pub const PROJECT: [(&str, &str); 13] = [
    ("baseq.toml", include_str!("../project/baseq.toml")),
    ("policy/demo.bq", include_str!("../project/policy.bq")),
    ("queries/01_people.bq", include_str!("../../../examples/01_people.bq")),
    ("queries/02_diabetics.bq", include_str!("../../../examples/02_diabetics.bq")),
    ("queries/03_founder_allele.bq", include_str!("../../../examples/03_founder_allele.bq")),
    ("queries/04_cohort.bq", include_str!("../../../examples/04_cohort.bq")),
    ("queries/05_three_states.bq", include_str!("../../../examples/05_three_states.bq")),
    ("queries/06_hba1c.bq", include_str!("../../../examples/06_hba1c.bq")),
    ("queries/07_risk_allele.bq", include_str!("../../../examples/07_risk_allele.bq")),
    ("queries/08_x_linked.bq", include_str!("../../../examples/08_x_linked.bq")),
    ("queries/09_kit_lots.bq", include_str!("../../../examples/09_kit_lots.bq")),
    ("queries/10_gene.bq", include_str!("../../../examples/10_gene.bq")),
    ("queries/11_refused.bq", include_str!("../../../examples/11_refused.bq")),
];

/// File name and text of the extracts, which say in their first lines where they are from.
pub(crate) const ONTOLOGIES: [(&str, &str); 3] = [
    ("hp.obo", include_str!("../data/hp.obo")),
    ("doid.obo", include_str!("../data/doid.obo")),
    ("so.obo", include_str!("../data/so.obo")),
];
