//! The rows of Beacon objects.
//!
//! * individual: sex, karyotype, ethnicity, origin; diseases of ICD-10 are diagnoses, others go to the
//!   column of their system; features; measures that are quantities; procedures. Treatments, exposures
//!   and pedigrees are left out and counted.
//! * biosample, run, analysis: the columns that the model has; where Beacon has a term and the model a
//!   text, its label.
//!
//! Codes must be of the systems that the model declares; ages of onset are those of [`crate::onset`].

use super::object::{Analysis, Biosample, Dataset, Disease, Individual, Run, Term, Time, Value};
use crate::cell::{self, Cell};
use crate::onset::{self, Ages};
use crate::source::LoadError;
use crate::stage::{Arrival, Cells, TableSpec};
use crate::units;
use model::{ColumnType, Model};

const SUBJECT: usize = 0;
const DIAGNOSIS: usize = 1;
const DISEASE: usize = 2;
const PHENOTYPE: usize = 3;
const MEASUREMENT: usize = 4;
const PROCEDURE: usize = 5;

/// Rows by the number of their table in the stage.
type Rows<'s> = Vec<(usize, Cells<'s>)>;

/// The tables that individuals fill, in the order of their numbers.
pub(super) fn individual_tables(
    model: &Model,
    subject: Arrival,
) -> Result<Vec<(TableSpec, Arrival)>, LoadError> {
    let mut tables = vec![(TableSpec::of(model, "subject")?, subject)];
    for entity in ["diagnosis", "disease", "phenotype", "measurement", "procedure"] {
        tables.push((TableSpec::of(model, entity)?, Arrival::New));
    }
    Ok(tables)
}

/// What was left out, counted.
#[derive(Debug, Default)]
pub(super) struct Told {
    treatments: usize,
    exposures: usize,
    pedigrees: usize,
    values: usize,
}

impl Told {
    pub(super) fn notes(&self) -> Vec<String> {
        let all = [
            (self.treatments, "treatments were left out"),
            (self.exposures, "exposures were left out"),
            (self.pedigrees, "pedigrees were left out"),
            (self.values, "measures have no quantity and were left out"),
        ];
        all.into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect()
    }
}

/// Makes rows of individuals.
#[derive(Debug)]
pub(super) struct Writer<'m> {
    /// Code system and column of the entity `disease`.
    diseases: Vec<(&'m str, &'m str)>,
}

impl<'m> Writer<'m> {
    pub(super) fn new(model: &'m Model) -> Writer<'m> {
        let columns = model
            .entities
            .iter()
            .filter(|entity| entity.name == "disease")
            .flat_map(|entity| &entity.columns);
        let diseases = columns.filter_map(|column| {
            if let ColumnType::Code(system) = &column.ty {
                Some((system.as_str(), column.name.as_str()))
            } else {
                None
            }
        });
        Writer { diseases: diseases.collect() }
    }

    pub(super) fn individual(&self, object: &Individual, told: &mut Told) -> Result<Rows<'m>, String> {
        let id = &object.id;
        let karyotype = match object.karyotypic_sex.as_deref() {
            None | Some("UNKNOWN_KARYOTYPE") => Cell::Null,
            Some("OTHER_KARYOTYPE") => Cell::text("other"),
            Some(other) => Cell::text(other),
        };
        let mut rows: Rows<'m> = vec![(
            SUBJECT,
            vec![
                ("subject_id", Cell::text(id)),
                ("sex", Cell::text(sex(object.sex.as_ref())?)),
                ("karyotype", karyotype),
                ("ethnicity", label(object.ethnicity.as_ref())),
                ("geographic_origin", label(object.geographic_origin.as_ref())),
            ],
        )];
        for (number, disease) in (1..).zip(&object.diseases) {
            rows.push(self.disease(id, number, disease)?);
        }
        for (number, feature) in (1..).zip(&object.phenotypic_features) {
            let mut cells = vec![
                ("phenotype_id", Cell::text(format!("{id}:beacon-phenotype:{number}"))),
                ("subject_id", Cell::text(id)),
                ("term", Cell::text(&feature.feature_type.id)),
                ("excluded", Cell::Bool(feature.excluded)),
                ("severity", feature.severity.as_ref().map(|term| term.id.clone()).into()),
            ];
            push_onset(&mut cells, feature.onset.as_ref())?;
            rows.push((PHENOTYPE, cells));
        }
        for (number, measure) in (1..).zip(&object.measures) {
            let quantity = match &measure.measurement_value {
                Value::Quantity(quantity) | Value::Wrapped { quantity } => quantity,
                Value::Term { .. } | Value::Several { .. } => {
                    told.values += 1;
                    continue;
                }
            };
            let assay = &measure.assay_code.id;
            let unit = units::ucum(&quantity.unit.id).map_err(|why| format!("{assay}: {why}"))?;
            rows.push((
                MEASUREMENT,
                vec![
                    ("measurement_id", Cell::text(format!("{id}:beacon-measurement:{number}"))),
                    ("subject_id", Cell::text(id)),
                    ("code", Cell::text(assay)),
                    ("value", Cell::Decimal(cell::decimal(&quantity.value.to_string())?)),
                    ("unit", Cell::text(unit)),
                    ("date", day(measure.date.as_ref())?),
                ],
            ));
        }
        for (number, procedure) in (1..).zip(&object.interventions_or_procedures) {
            rows.push((
                PROCEDURE,
                vec![
                    ("procedure_id", Cell::text(format!("{id}:beacon-procedure:{number}"))),
                    ("subject_id", Cell::text(id)),
                    ("code", Cell::text(&procedure.procedure_code.id)),
                    ("date", day(procedure.date_of_procedure.as_ref())?),
                ],
            ));
        }
        told.treatments += object.treatments.len();
        told.exposures += object.exposures.len();
        told.pedigrees += object.pedigrees.len();
        Ok(rows)
    }

    fn disease(&self, id: &str, number: u32, disease: &Disease) -> Result<(usize, Cells<'m>), String> {
        let term = &disease.disease_code.id;
        let system = term.split(':').next().unwrap_or_default();
        let mut cells: Cells<'m> = vec![("subject_id", Cell::text(id))];
        if system == "ICD10" {
            cells.push(("diagnosis_id", Cell::text(format!("{id}:beacon-diagnosis:{number}"))));
            cells.push(("code", Cell::text(term)));
            cells.push(("age_of_onset_days", ages(disease.age_of_onset.as_ref())?.0.earliest.into()));
            return Ok((DIAGNOSIS, cells));
        }
        let Some((_, column)) = self.diseases.iter().find(|(other, _)| *other == system) else {
            return Err(format!("{term}: the model has no column for diseases of {system}"));
        };
        cells.push(("disease_id", Cell::text(format!("{id}:beacon-disease:{number}"))));
        cells.push((column, Cell::text(term)));
        cells.push(("excluded", Cell::Bool(false)));
        push_onset(&mut cells, disease.age_of_onset.as_ref())?;
        Ok((DISEASE, cells))
    }
}

pub(super) fn biosample(object: &Biosample) -> Result<Rows<'static>, String> {
    let cells = vec![
        ("sample_id", Cell::text(&object.id)),
        ("subject_id", object.individual_id.clone().into()),
        ("collected_on", day(object.collection_date.as_ref())?),
        ("origin", label(object.sample_origin_type.as_ref())),
        ("status", label(object.biosample_status.as_ref())),
    ];
    Ok(vec![(0, cells)])
}

pub(super) fn run(object: &Run) -> Result<Rows<'static>, String> {
    let cells = vec![
        ("run_id", Cell::text(&object.id)),
        ("sample_id", Cell::text(&object.biosample_id)),
        ("run_date", day(object.run_date.as_ref())?),
        ("platform", object.platform.clone().into()),
        ("platform_model", label(object.platform_model.as_ref())),
        ("library_strategy", object.library_strategy.clone().into()),
        ("library_source", label(object.library_source.as_ref())),
        ("library_layout", object.library_layout.clone().into()),
    ];
    Ok(vec![(0, cells)])
}

pub(super) fn analysis(object: &Analysis) -> Result<Rows<'static>, String> {
    let cells = vec![
        ("analysis_id", Cell::text(&object.id)),
        ("sample_id", object.biosample_id.clone().into()),
        ("run_id", object.run_id.clone().into()),
        ("analysis_date", day(object.analysis_date.as_ref())?),
        ("pipeline_name", object.pipeline_name.clone().into()),
        ("pipeline_ref", object.pipeline_ref.clone().into()),
        ("aligner", object.aligner.clone().into()),
        ("variant_caller", object.variant_caller.clone().into()),
    ];
    Ok(vec![(0, cells)])
}

pub(super) fn dataset(object: &Dataset) -> Rows<'static> {
    let terms = object.data_use_conditions.duo_data_use.iter();
    terms
        .map(|term| (0, vec![("dataset_id", Cell::text(&object.id)), ("term", Cell::text(&term.id))]))
        .collect()
}

/// Concepts of the NCI Thesaurus that Beacon names for sexes.
fn sex(term: Option<&Term>) -> Result<&'static str, String> {
    match term.map(|term| term.id.as_str()) {
        Some("NCIT:C16576") => Ok("female"),
        Some("NCIT:C20197") => Ok("male"),
        None | Some("NCIT:C17998" | "NCIT:C124294") => Ok("unknown"),
        Some(other) => Err(format!(
            "sex: `{other}` is not one of NCIT:C16576 (female), NCIT:C20197 (male), NCIT:C17998 (unknown)"
        )),
    }
}

/// The label of a term, or its id where it has none.
fn label(term: Option<&Term>) -> Cell {
    term.map(|term| if term.label.is_empty() { term.id.clone() } else { term.label.clone() }).into()
}

fn day(text: Option<&String>) -> Result<Cell, String> {
    text.map(|text| onset::day_of(text)).transpose().map(Cell::from)
}

fn push_onset(cells: &mut Cells<'_>, time: Option<&Time>) -> Result<(), String> {
    let (ages, text) = ages(time)?;
    cells.push(("onset_earliest_days", ages.earliest.into()));
    cells.push(("onset_latest_days", ages.latest.into()));
    cells.push(("onset_text", text.into()));
    Ok(())
}

/// The ages of a time, and the time as it was written. Beacon individuals have no birth date.
fn ages(time: Option<&Time>) -> Result<(Ages, Option<String>), String> {
    Ok(match time {
        None => (Ages::default(), None),
        Some(Time::Age { iso8601duration }) => (onset::age(iso8601duration)?, Some(iso8601duration.clone())),
        Some(Time::Range { start, end }) => {
            let (first, last) = (onset::age(&start.iso8601duration)?, onset::age(&end.iso8601duration)?);
            let text = format!("{}/{}", start.iso8601duration, end.iso8601duration);
            if first.earliest > last.latest {
                return Err(format!("the range of ages {text} ends before it begins"));
            }
            (Ages { earliest: first.earliest, latest: last.latest }, Some(text))
        }
        Some(Time::Interval { start, end }) => (
            onset::between(Some(onset::day_of(start)?), Some(onset::day_of(end)?), None),
            Some(format!("{start}/{end}")),
        ),
        Some(Time::Instant(instant)) => {
            let day = Some(onset::day_of(instant)?);
            (onset::between(day, day, None), Some(instant.clone()))
        }
        Some(Time::Weeks { weeks, days }) => {
            let text = format!("gestational age {weeks} weeks {} days", days.unwrap_or(0));
            (onset::gestational(*weeks, *days)?, Some(text))
        }
        Some(Time::Class { id, label }) => {
            (onset::class(id).unwrap_or_default(), Some(format!("{id} {label}").trim_end().to_owned()))
        }
        Some(Time::Wrapped(time)) => crate::phenopackets::times(time, None)?,
    })
}
