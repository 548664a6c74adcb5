//! The shape of a phenopacket in JSON, as far as a warehouse has a place for it.
//!
//! Field names are those of the schema, version 2, in the JSON form of Protocol Buffers: what has its
//! default value may be missing, and 64-bit numbers may be texts. Other fields are passed over.
//! <https://phenopacket-schema.readthedocs.io/en/v2/>

use serde::{Deserialize, Deserializer};

/// A packet, a family, or a cohort.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Document {
    #[serde(flatten)]
    packet: Packet,
    proband: Option<Box<Packet>>,
    #[serde(default)]
    relatives: Vec<Packet>,
    #[serde(default)]
    members: Vec<Packet>,
}

impl Document {
    /// The packets in it.
    pub(super) fn packets(self) -> Vec<Packet> {
        let mut all = Vec::new();
        if self.packet.subject.is_some() {
            all.push(self.packet);
        }
        all.extend(self.proband.map(|packet| *packet));
        all.extend(self.relatives);
        all.extend(self.members);
        all
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
pub(super) struct Packet {
    pub(super) id: String,
    pub(super) subject: Option<Individual>,
    pub(super) phenotypic_features: Vec<Feature>,
    pub(super) measurements: Vec<Measurement>,
    pub(super) biosamples: Vec<Biosample>,
    pub(super) interpretations: Vec<Interpretation>,
    pub(super) diseases: Vec<Disease>,
    pub(super) medical_actions: Vec<serde::de::IgnoredAny>,
    pub(super) meta_data: MetaData,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct MetaData {
    /// When the packet was written.
    pub(super) created: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Individual {
    pub(super) id: String,
    pub(super) date_of_birth: Option<String>,
    pub(super) vital_status: Option<VitalStatus>,
    pub(super) sex: Option<String>,
    pub(super) karyotypic_sex: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct VitalStatus {
    pub(super) status: String,
    pub(super) time_of_death: Option<TimeElement>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Term {
    pub(crate) id: String,
    pub(crate) label: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Feature {
    #[serde(rename = "type")]
    pub(super) term: Term,
    pub(super) excluded: bool,
    pub(super) severity: Option<Term>,
    pub(super) onset: Option<TimeElement>,
}

/// One of six forms. Another is an error, not a time that is not known.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(crate) struct TimeElement {
    pub(crate) age: Option<Age>,
    pub(crate) age_range: Option<AgeRange>,
    pub(crate) ontology_class: Option<Term>,
    pub(crate) timestamp: Option<String>,
    pub(crate) interval: Option<Interval>,
    pub(crate) gestational_age: Option<GestationalAge>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Age {
    pub(crate) iso8601duration: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct AgeRange {
    pub(crate) start: Age,
    pub(crate) end: Age,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Interval {
    pub(crate) start: String,
    pub(crate) end: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct GestationalAge {
    pub(crate) weeks: i64,
    pub(crate) days: Option<i64>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Measurement {
    pub(super) assay: Term,
    pub(super) value: Option<Value>,
    pub(super) time_observed: Option<TimeElement>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Value {
    pub(super) quantity: Option<Quantity>,
}

#[derive(Deserialize)]
pub(super) struct Quantity {
    pub(super) unit: Term,
    #[serde(default = "zero")]
    pub(super) value: serde_json::Number,
}

fn zero() -> serde_json::Number {
    0.into()
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Biosample {
    pub(super) id: String,
    pub(super) individual_id: String,
    pub(super) sampled_tissue: Option<Term>,
    pub(super) time_of_collection: Option<TimeElement>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Interpretation {
    pub(super) diagnosis: Option<Diagnosis>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Diagnosis {
    pub(super) genomic_interpretations: Vec<GenomicInterpretation>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct GenomicInterpretation {
    pub(super) interpretation_status: String,
    pub(super) variant_interpretation: Option<VariantInterpretation>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct VariantInterpretation {
    pub(super) acmg_pathogenicity_classification: String,
    pub(super) variation_descriptor: VariationDescriptor,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct VariationDescriptor {
    pub(super) gene_context: Option<GeneContext>,
    pub(super) vcf_record: Option<VcfRecord>,
    pub(super) allelic_state: Option<Term>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct GeneContext {
    pub(super) symbol: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct VcfRecord {
    pub(super) genome_assembly: String,
    pub(super) chrom: String,
    #[serde(deserialize_with = "number_or_text")]
    pub(super) pos: u64,
    #[serde(rename = "ref")]
    pub(super) reference: String,
    pub(super) alt: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Disease {
    pub(super) term: Term,
    pub(super) excluded: bool,
    pub(super) onset: Option<TimeElement>,
}

/// Protocol Buffers write 64-bit numbers as texts, people as numbers.
fn number_or_text<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Number(u64),
        Text(String),
    }
    match Either::deserialize(from)? {
        Either::Number(number) => Ok(number),
        Either::Text(text) => {
            text.parse().map_err(|_| serde::de::Error::custom(format!("`{text}` is not a position")))
        }
    }
}
