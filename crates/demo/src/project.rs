//! The project around the data: settings, policy, queries, and the extracts of ontologies.
//!
//! The queries are the tour in `examples/`, which has its own place because people read it without running
//! anything.

/// The day the examples ask about, the first on which all data of the demo is there.
pub const AS_OF: &str = "2025-01-01";

/// Paths below the project's folder, and texts.
pub const PROJECT: [(&str, &str); 27] = [
    ("baseq.toml", include_str!("../project/baseq.toml")),
    ("policy/demo.bq", include_str!("../project/policy.bq")),
    ("queries/01_people.bq", include_str!("../../../examples/01_people.bq")),
    ("queries/02_diabetics.bq", include_str!("../../../examples/02_diabetics.bq")),
    ("queries/03_first_diagnosis.bq", include_str!("../../../examples/03_first_diagnosis.bq")),
    ("queries/04_three_states.bq", include_str!("../../../examples/04_three_states.bq")),
    ("queries/05_hba1c.bq", include_str!("../../../examples/05_hba1c.bq")),
    ("queries/06_attrition.bq", include_str!("../../../examples/06_attrition.bq")),
    ("queries/07_table_one.bq", include_str!("../../../examples/07_table_one.bq")),
    ("queries/08_founders.bq", include_str!("../../../examples/08_founders.bq")),
    ("queries/09_rare_variants.bq", include_str!("../../../examples/09_rare_variants.bq")),
    ("queries/10_x_linked.bq", include_str!("../../../examples/10_x_linked.bq")),
    ("queries/11_carriers.bq", include_str!("../../../examples/11_carriers.bq")),
    ("queries/12_hardy_weinberg.bq", include_str!("../../../examples/12_hardy_weinberg.bq")),
    ("queries/13_pharmacogenetics.bq", include_str!("../../../examples/13_pharmacogenetics.bq")),
    ("queries/14_months.bq", include_str!("../../../examples/14_months.bq")),
    ("queries/15_commercial_consent.bq", include_str!("../../../examples/15_commercial_consent.bq")),
    ("queries/16_taken_back.bq", include_str!("../../../examples/16_taken_back.bq")),
    ("queries/17_kit_lots.bq", include_str!("../../../examples/17_kit_lots.bq")),
    ("queries/18_departing_lots.bq", include_str!("../../../examples/18_departing_lots.bq")),
    ("queries/19_new_users.bq", include_str!("../../../examples/19_new_users.bq")),
    ("queries/20_events.bq", include_str!("../../../examples/20_events.bq")),
    ("queries/21_matched_burden.bq", include_str!("../../../examples/21_matched_burden.bq")),
    ("queries/22_trios.bq", include_str!("../../../examples/22_trios.bq")),
    ("queries/23_reclassified.bq", include_str!("../../../examples/23_reclassified.bq")),
    ("queries/24_refused.bq", include_str!("../../../examples/24_refused.bq")),
    ("queries/shared/parkinson.bq", include_str!("../../../examples/shared/parkinson.bq")),
];

/// File name and text of the extracts, which say in their first lines where they are from.
pub(crate) const ONTOLOGIES: [(&str, &str); 3] = [
    ("hp.obo", include_str!("../data/hp.obo")),
    ("doid.obo", include_str!("../data/doid.obo")),
    ("so.obo", include_str!("../data/so.obo")),
];
