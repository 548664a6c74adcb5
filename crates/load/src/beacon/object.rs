//! The shapes of Beacon objects, as far as a warehouse has a place for them.
//!
//! Times and values come in two dresses: as the Beacon schema has them (`{"iso8601duration": "P3Y"}`,
//! `{"unit": …, "value": …}`), and wrapped as in phenopackets (`{"age": {…}}`, `{"quantity": {…}}`).

#![expect(clippy::struct_field_names, reason = "the names are those of the Beacon schema")]

use serde::Deserialize;
use serde::de::IgnoredAny;

#[derive(Deserialize)]
pub(super) struct Term {
    pub(super) id: String,
    #[serde(default)]
    pub(super) label: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Individual {
    pub(super) id: String,
    pub(super) sex: Option<Term>,
    pub(super) karyotypic_sex: Option<String>,
    pub(super) ethnicity: Option<Term>,
    pub(super) geographic_origin: Option<Term>,
    #[serde(default)]
    pub(super) diseases: Vec<Disease>,
    #[serde(default)]
    pub(super) phenotypic_features: Vec<Feature>,
    #[serde(default)]
    pub(super) measures: Vec<Measure>,
    #[serde(default)]
    pub(super) interventions_or_procedures: Vec<Procedure>,
    #[serde(default)]
    pub(super) treatments: Vec<IgnoredAny>,
    #[serde(default)]
    pub(super) exposures: Vec<IgnoredAny>,
    #[serde(default)]
    pub(super) pedigrees: Vec<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Disease {
    pub(super) disease_code: Term,
    pub(super) age_of_onset: Option<Time>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Feature {
    pub(super) feature_type: Term,
    #[serde(default)]
    pub(super) excluded: bool,
    pub(super) onset: Option<Time>,
    pub(super) severity: Option<Term>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Measure {
    pub(super) assay_code: Term,
    pub(super) date: Option<String>,
    pub(super) measurement_value: Value,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Value {
    Quantity(Quantity),
    Wrapped {
        quantity: Quantity,
    },
    Term {
        #[serde(rename = "id")]
        _id: String,
    },
    #[serde(rename_all = "camelCase")]
    Several {
        #[serde(rename = "typedQuantities")]
        _typed_quantities: IgnoredAny,
    },
}

#[derive(Deserialize)]
pub(super) struct Quantity {
    pub(super) unit: Term,
    pub(super) value: serde_json::Number,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Procedure {
    pub(super) procedure_code: Term,
    pub(super) date_of_procedure: Option<String>,
}

/// A time; at most one of the forms is there.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Time {
    Age {
        iso8601duration: String,
    },
    Range {
        start: Age,
        end: Age,
    },
    Interval {
        start: String,
        end: String,
    },
    Weeks {
        weeks: i64,
        days: Option<i64>,
    },
    Class {
        id: String,
        #[serde(default)]
        label: String,
    },
    Instant(String),
    Wrapped(Box<crate::phenopackets::TimeElement>),
}

#[derive(Deserialize)]
pub(super) struct Age {
    pub(super) iso8601duration: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Biosample {
    pub(super) id: String,
    pub(super) individual_id: Option<String>,
    pub(super) collection_date: Option<String>,
    pub(super) sample_origin_type: Option<Term>,
    pub(super) biosample_status: Option<Term>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Run {
    pub(super) id: String,
    pub(super) biosample_id: String,
    pub(super) run_date: Option<String>,
    pub(super) platform: Option<String>,
    pub(super) platform_model: Option<Term>,
    pub(super) library_strategy: Option<String>,
    pub(super) library_source: Option<Term>,
    pub(super) library_layout: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Analysis {
    pub(super) id: String,
    pub(super) biosample_id: Option<String>,
    pub(super) run_id: Option<String>,
    pub(super) analysis_date: Option<String>,
    pub(super) pipeline_name: Option<String>,
    pub(super) pipeline_ref: Option<String>,
    pub(super) aligner: Option<String>,
    pub(super) variant_caller: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Dataset {
    pub(super) id: String,
    #[serde(default)]
    pub(super) data_use_conditions: Conditions,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub(super) struct Conditions {
    #[serde(default)]
    pub(super) duo_data_use: Vec<Term>,
}
