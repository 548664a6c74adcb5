//! The rows of a packet.
//!
//! * subject: sex, where `OTHER_SEX` is as unknown as `UNKNOWN_SEX`; karyotype; day of birth; day of
//!   death, where the packet gives a day and not only an age.
//! * phenotype: every feature, observed or excluded, with its onset. Modifiers and evidence are left out.
//! * disease: in the column of the model whose code system it is; one of ICD-10 is a diagnosis.
//! * measurement: quantities; other values are left out and counted.
//! * sample: biosamples of the subject.
//!
//! Rows have ids made of the subject's and a number, so that they are the same at every load.

use super::Ids;
use super::findings;
use super::packet::{Disease, Packet, TimeElement};
use crate::cell::{self, Cell};
use crate::onset::{self, Ages};
use crate::stage::{Arrival, Cells};
use crate::units;
use jiff::civil::Date;
use model::{ColumnType, Entity};

/// The entities that packets fill, in the order of their numbers in the stage.
pub(super) const TABLES: [(&str, Arrival); 6] = [
    ("subject", Arrival::Merge),
    ("sample", Arrival::Merge),
    ("phenotype", Arrival::New),
    ("disease", Arrival::New),
    ("diagnosis", Arrival::New),
    ("measurement", Arrival::New),
];
const SUBJECT: usize = 0;
const SAMPLE: usize = 1;
const PHENOTYPE: usize = 2;
const DISEASE: usize = 3;
const DIAGNOSIS: usize = 4;
const MEASUREMENT: usize = 5;
/// The table of findings comes after the entities.
pub(super) const FINDING: usize = 6;

/// What was left out, counted.
#[derive(Debug, Default)]
pub(super) struct Told {
    deaths: u64,
    values: u64,
    actions: u64,
    onsets: u64,
    pub(super) variants: u64,
}

impl Told {
    pub(super) fn notes(&self) -> Vec<String> {
        let all = [
            (self.deaths, "people died on a day that their packet does not give; no death date was loaded"),
            (self.values, "measurements have no quantity and were left out"),
            (self.actions, "medical actions were left out"),
            (
                self.onsets,
                "onsets have no range of ages in HPO, or are instants without a birth date; their text was kept",
            ),
            (self.variants, "interpreted variants have no VCF record and were left out"),
        ];
        all.into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect()
    }
}

/// Makes rows of packets.
#[derive(Debug)]
pub(super) struct Writer<'m> {
    ids: Ids,
    /// Code system and column of the entity `disease`.
    diseases: Vec<(&'m str, &'m str)>,
}

impl<'m> Writer<'m> {
    pub(super) fn new(ids: Ids, disease: Option<&'m Entity>) -> Writer<'m> {
        let columns = disease.into_iter().flat_map(|entity| &entity.columns);
        let coded = columns.filter_map(|column| match &column.ty {
            ColumnType::Code(system) => Some((system.as_str(), column.name.as_str())),
            ColumnType::Id
            | ColumnType::Int
            | ColumnType::Decimal
            | ColumnType::Percent
            | ColumnType::Bool
            | ColumnType::Text
            | ColumnType::Date
            | ColumnType::Enum { .. }
            | ColumnType::Gene
            | ColumnType::Bytes => None,
        });
        Writer { ids, diseases: coded.collect() }
    }

    /// All rows of a packet, or why it is refused.
    pub(super) fn rows<'s>(
        &'s self,
        packet: &Packet,
        told: &mut Told,
    ) -> Result<Vec<(usize, Cells<'s>)>, String> {
        let Some(person) = &packet.subject else { return Err("the packet has no subject".into()) };
        let id = match self.ids {
            Ids::Subject => &person.id,
            Ids::Packet => &packet.id,
        };
        if id.is_empty() {
            return Err("the packet has no id for its subject".into());
        }
        let birth = person
            .date_of_birth
            .as_deref()
            .map(onset::day_of)
            .transpose()
            .map_err(|why| format!("dateOfBirth: {why}"))?;
        let mut rows = vec![(SUBJECT, subject(packet, id, birth, told)?)];
        for sample in &packet.biosamples {
            let other = !sample.individual_id.is_empty() && sample.individual_id != person.id;
            if other {
                return Err(format!(
                    "the biosample {} is of {}, not of {}",
                    sample.id, sample.individual_id, person.id
                ));
            }
            let tissue = sample
                .sampled_tissue
                .as_ref()
                .map(|term| term.label.clone())
                .filter(|label| !label.is_empty());
            rows.push((
                SAMPLE,
                vec![
                    ("sample_id", Cell::text(&sample.id)),
                    ("subject_id", Cell::text(id)),
                    ("collected_on", day(sample.time_of_collection.as_ref())?.into()),
                    ("origin", tissue.into()),
                ],
            ));
        }
        for (number, feature) in (1..).zip(&packet.phenotypic_features) {
            let mut cells = vec![
                ("phenotype_id", Cell::text(format!("{id}:phenotype:{number}"))),
                ("subject_id", Cell::text(id)),
                ("term", Cell::text(&feature.term.id)),
                ("excluded", Cell::Bool(feature.excluded)),
                ("severity", feature.severity.as_ref().map(|term| term.id.clone()).into()),
            ];
            push_onset(&mut cells, feature.onset.as_ref(), birth, told)
                .map_err(|why| format!("{}: {why}", feature.term.id))?;
            rows.push((PHENOTYPE, cells));
        }
        for (number, disease) in (1..).zip(&packet.diseases) {
            rows.push(self.disease(id, number, disease, birth, told)?);
        }
        for (number, measurement) in (1..).zip(&packet.measurements) {
            let Some(quantity) = measurement.value.as_ref().and_then(|value| value.quantity.as_ref()) else {
                told.values += 1;
                continue;
            };
            let assay = &measurement.assay.id;
            let unit = units::ucum(&quantity.unit.id).map_err(|why| format!("{assay}: {why}"))?;
            rows.push((
                MEASUREMENT,
                vec![
                    ("measurement_id", Cell::text(format!("{id}:measurement:{number}"))),
                    ("subject_id", Cell::text(id)),
                    ("code", Cell::text(assay)),
                    ("value", Cell::Decimal(cell::decimal(&quantity.value.to_string())?)),
                    ("unit", Cell::text(unit)),
                    ("date", day(measurement.time_observed.as_ref())?.into()),
                ],
            ));
        }
        told.actions += packet.medical_actions.len() as u64;
        findings::push(&mut rows, packet, id, told)?;
        Ok(rows)
    }

    fn disease<'s>(
        &'s self,
        id: &str,
        number: u32,
        disease: &Disease,
        birth: Option<Date>,
        told: &mut Told,
    ) -> Result<(usize, Cells<'s>), String> {
        let term = &disease.term.id;
        let system = term.split(':').next().unwrap_or_default();
        let mut cells = vec![("subject_id", Cell::text(id))];
        let wrong = |why: String| format!("{term}: {why}");
        if system == "ICD10" {
            if disease.excluded {
                return Err(wrong("an excluded diagnosis has no place in the model".into()));
            }
            let (ages, _) = told_times(disease.onset.as_ref(), birth, told).map_err(wrong)?;
            cells.push(("diagnosis_id", Cell::text(format!("{id}:diagnosis:{number}"))));
            cells.push(("code", Cell::text(term)));
            cells.push(("age_of_onset_days", ages.earliest.into()));
            return Ok((DIAGNOSIS, cells));
        }
        let Some((_, column)) = self.diseases.iter().find(|(other, _)| *other == system) else {
            return Err(wrong(format!("the model has no column for diseases of {system}")));
        };
        cells.push(("disease_id", Cell::text(format!("{id}:disease:{number}"))));
        cells.push((column, Cell::text(term)));
        cells.push(("excluded", Cell::Bool(disease.excluded)));
        push_onset(&mut cells, disease.onset.as_ref(), birth, told).map_err(wrong)?;
        Ok((DISEASE, cells))
    }
}

fn subject(
    packet: &Packet,
    id: &str,
    birth: Option<Date>,
    told: &mut Told,
) -> Result<Cells<'static>, String> {
    let Some(person) = &packet.subject else { return Err("the packet has no subject".into()) };
    let sex = match person.sex.as_deref() {
        Some("MALE") => "male",
        Some("FEMALE") => "female",
        None | Some("UNKNOWN_SEX" | "OTHER_SEX") => "unknown",
        Some(other) => {
            return Err(format!("sex: `{other}` is not one of MALE, FEMALE, OTHER_SEX, UNKNOWN_SEX"));
        }
    };
    let karyotype = match person.karyotypic_sex.as_deref() {
        None | Some("UNKNOWN_KARYOTYPE") => Cell::Null,
        Some("OTHER_KARYOTYPE") => Cell::text("other"),
        Some(other) => Cell::text(other),
    };
    let vital = person.vital_status.as_ref();
    let death = day(vital.and_then(|vital| vital.time_of_death.as_ref()))?;
    if vital.is_some_and(|vital| vital.status == "DECEASED") && death.is_none() {
        told.deaths += 1;
    }
    Ok(vec![
        ("subject_id", Cell::text(id)),
        ("sex", Cell::text(sex)),
        ("karyotype", karyotype),
        ("birth_date", birth.into()),
        ("death_date", death.into()),
    ])
}

/// The day of a time that is an instant; other forms give none.
fn day(time: Option<&TimeElement>) -> Result<Option<Date>, String> {
    time.and_then(|time| time.timestamp.as_deref()).map(onset::day_of).transpose()
}

fn push_onset(
    cells: &mut Cells<'_>,
    time: Option<&TimeElement>,
    birth: Option<Date>,
    told: &mut Told,
) -> Result<(), String> {
    let (ages, text) = told_times(time, birth, told)?;
    cells.push(("onset_earliest_days", ages.earliest.into()));
    cells.push(("onset_latest_days", ages.latest.into()));
    cells.push(("onset_text", text.into()));
    Ok(())
}

/// The ages of an optional time, and the time as it was written; counts those that give none.
fn told_times(
    time: Option<&TimeElement>,
    birth: Option<Date>,
    told: &mut Told,
) -> Result<(Ages, Option<String>), String> {
    let Some(time) = time else { return Ok((Ages::default(), None)) };
    let (ages, text) = times(time, birth)?;
    if text.is_some() && ages == Ages::default() {
        told.onsets += 1;
    }
    Ok((ages, text))
}

/// The ages of a time, and the time as it was written.
pub(crate) fn times(time: &TimeElement, birth: Option<Date>) -> Result<(Ages, Option<String>), String> {
    let (ages, text) = if let Some(age) = &time.age {
        (onset::age(&age.iso8601duration)?, age.iso8601duration.clone())
    } else if let Some(range) = &time.age_range {
        let (start, end) =
            (onset::age(&range.start.iso8601duration)?, onset::age(&range.end.iso8601duration)?);
        let ages = Ages { earliest: start.earliest, latest: end.latest };
        if ages.earliest > ages.latest {
            return Err(format!(
                "the range of ages ends at {} before it begins at {}",
                range.end.iso8601duration, range.start.iso8601duration
            ));
        }
        (ages, format!("{}/{}", range.start.iso8601duration, range.end.iso8601duration))
    } else if let Some(class) = &time.ontology_class {
        let ages = onset::class(&class.id).unwrap_or_default();
        (ages, format!("{} {}", class.id, class.label).trim_end().to_owned())
    } else if let Some(instant) = &time.timestamp {
        let day = Some(onset::day_of(instant)?);
        (onset::between(day, day, birth), instant.clone())
    } else if let Some(interval) = &time.interval {
        let (start, end) = (onset::day_of(&interval.start)?, onset::day_of(&interval.end)?);
        if end < start {
            return Err(format!(
                "the interval ends at {} before it begins at {}",
                interval.end, interval.start
            ));
        }
        (onset::between(Some(start), Some(end), birth), format!("{}/{}", interval.start, interval.end))
    } else if let Some(age) = &time.gestational_age {
        let text = match age.days {
            Some(days) => format!("gestational age {} weeks {days} days", age.weeks),
            None => format!("gestational age {} weeks", age.weeks),
        };
        (onset::gestational(age.weeks, age.days)?, text)
    } else {
        return Ok((Ages::default(), None));
    };
    Ok((ages, Some(text)))
}
