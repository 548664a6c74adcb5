//! Rows of the tables of people's events.

use super::vocabulary::Concepts;
use crate::cell::{Cell, parse};
use crate::input;
use crate::source::{LoadError, Progress, Rejects};
use crate::stage::{Cells, Place, Stage};
use crate::table::csv_error;
use model::ColumnType;
use std::collections::BTreeMap;
use std::io::BufRead;
use std::path::{Path, PathBuf};

/// A file with a header, whose columns are known without case.
pub(super) struct Table<'a> {
    path: &'a Path,
    reader: csv::Reader<Box<dyn BufRead + 'a>>,
    header: Vec<String>,
    columns: BTreeMap<String, usize>,
    record: csv::StringRecord,
}

/// A row of it.
pub(super) struct Row<'t> {
    pub(super) line: u64,
    record: &'t csv::StringRecord,
    columns: &'t BTreeMap<String, usize>,
}

impl<'a> Table<'a> {
    /// Opens a file: separated by tabs, without quotes, where its first line has one; else by commas.
    pub(super) fn open(path: &'a Path, progress: &'a dyn Progress) -> Result<Table<'a>, LoadError> {
        let mut bytes = input::open(path, progress)?;
        let head = bytes.fill_buf().map_err(|error| LoadError::io(path, &error))?;
        let tabs = head.iter().take_while(|byte| **byte != b'\n').any(|byte| *byte == b'\t');
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(if tabs { b'\t' } else { b',' })
            .quoting(!tabs)
            .flexible(true)
            .from_reader(bytes);
        let header = crate::table::header(reader.headers().map_err(|error| csv_error(path, &error))?);
        let columns = header.iter().enumerate().map(|(at, name)| (name.to_lowercase(), at)).collect();
        Ok(Table { path, reader, header, columns, record: csv::StringRecord::new() })
    }

    /// The next row.
    pub(super) fn next(&mut self) -> Result<Option<Row<'_>>, LoadError> {
        let more = self.reader.read_record(&mut self.record).map_err(|error| csv_error(self.path, &error))?;
        if !more {
            return Ok(None);
        }
        let line = self.record.position().map_or(0, csv::Position::line);
        if self.record.len() != self.header.len() {
            let reason = format!("{} columns, the header has {}", self.record.len(), self.header.len());
            return Err(LoadError::line(self.path, line, reason));
        }
        Ok(Some(Row { line, record: &self.record, columns: &self.columns }))
    }
}

impl Row<'_> {
    /// A cell that is not empty.
    pub(super) fn text(&self, column: &str) -> Option<&str> {
        let cell = self.record.get(*self.columns.get(column)?)?;
        (!cell.is_empty()).then_some(cell)
    }

    /// A whole number.
    pub(super) fn whole(&self, column: &str) -> Result<Option<i64>, String> {
        self.text(column)
            .map(|text| text.parse().map_err(|_| format!("{column}: `{text}` is not a whole number")))
            .transpose()
    }

    /// The whole row, for refusals.
    fn written(&self) -> String {
        self.record.iter().collect::<Vec<_>>().join(",")
    }

    /// A cell of a type; a day may be written with a time after it.
    fn cell(&self, column: &str, ty: &ColumnType) -> Result<Cell, String> {
        let Some(text) = self.text(column) else { return Ok(Cell::Null) };
        let text = match ty {
            ColumnType::Date => text.split([' ', 'T']).next().unwrap_or(text),
            _ => text,
        };
        parse(ty, text).map_err(|reason| format!("{column}: {reason}"))
    }
}

/// The day of each person's death.
pub(super) fn deaths(
    files: &BTreeMap<String, PathBuf>,
    progress: &dyn Progress,
) -> Result<BTreeMap<String, Cell>, LoadError> {
    let mut deaths = BTreeMap::new();
    let Some(path) = files.get("death") else { return Ok(deaths) };
    let mut table = Table::open(path, progress)?;
    while let Some(row) = table.next()? {
        // A bad row is refused where the table itself is read.
        if let (Some(person), Ok(day)) = (row.text("person_id"), row.cell("death_date", &ColumnType::Date)) {
            deaths.insert(person.to_owned(), day);
        }
    }
    Ok(deaths)
}

/// One table on its way into the stage.
pub(super) struct Reading<'a> {
    pub(super) table: &'a str,
    /// Its place in the stage.
    pub(super) number: usize,
    pub(super) path: &'a Path,
    pub(super) concepts: &'a Concepts,
    pub(super) deaths: &'a BTreeMap<String, Cell>,
}

/// What a column of ours is made from.
enum From {
    /// The column of the same name.
    Same(ColumnType),
    /// A column of another name.
    Of(&'static str, ColumnType),
    /// The code of the concept in a column, if it is of a system.
    Code(&'static str, &'static str),
    /// The name of the concept in a column.
    Name(&'static str),
    /// A member by the concept in a column; the last one is for every other concept.
    Member(&'static str, &'static [(i64, &'static str)], Option<&'static str>),
    /// The birthday.
    Birthday,
    /// The day of death.
    Death,
    /// The unit of a measurement.
    Unit,
}

const SEX: &[(i64, &str)] = &[(8507, "male"), (8532, "female")];
const VISIT: &[(i64, &str)] = &[
    (9201, "inpatient"),
    (9202, "outpatient"),
    (9203, "emergency"),
    (262, "emergency_and_inpatient"),
    (42_898_160, "long_stay"),
];

/// The columns of a table of the model.
fn columns(table: &str) -> Vec<(&'static str, From)> {
    use ColumnType::{Date, Decimal, Id, Int, Text};
    use From::{Birthday, Code, Death, Member, Name, Of, Same, Unit};
    let person = || ("person_id", Same(Id));
    let visit = || ("visit_occurrence_id", Same(Id));
    match table {
        "person" => vec![
            person(),
            ("sex", Member("gender_concept_id", SEX, Some("unknown"))),
            ("gender_concept_id", Same(Int)),
            ("year_of_birth", Same(Int)),
            ("month_of_birth", Same(Int)),
            ("day_of_birth", Same(Int)),
            ("birth_date", Birthday),
            ("death_date", Death),
            ("race_concept_id", Same(Int)),
            ("race", Name("race_concept_id")),
            ("ethnicity_concept_id", Same(Int)),
            ("ethnicity", Name("ethnicity_concept_id")),
            ("location_id", Same(Id)),
            ("care_site_id", Same(Id)),
        ],
        "observation_period" => vec![
            ("observation_period_id", Same(Id)),
            person(),
            ("observation_period_start_date", Same(Date)),
            ("observation_period_end_date", Same(Date)),
            ("period_type_concept_id", Same(Int)),
        ],
        "visit_occurrence" => vec![
            visit(),
            person(),
            ("kind", Member("visit_concept_id", VISIT, Some("other"))),
            ("visit_concept_id", Same(Int)),
            ("visit_start_date", Same(Date)),
            ("visit_end_date", Same(Date)),
            ("care_site_id", Same(Id)),
        ],
        "condition_occurrence" => vec![
            ("condition_occurrence_id", Same(Id)),
            person(),
            ("condition", Code("condition_concept_id", "SNOMED")),
            ("condition_concept_id", Same(Int)),
            ("condition_start_date", Same(Date)),
            ("condition_end_date", Same(Date)),
            ("condition_source_value", Same(Text)),
            visit(),
        ],
        "drug_exposure" => vec![
            ("drug_exposure_id", Same(Id)),
            person(),
            ("drug", Code("drug_concept_id", "RxNorm")),
            ("vaccine", Code("drug_concept_id", "CVX")),
            ("drug_concept_id", Same(Int)),
            ("drug_exposure_start_date", Same(Date)),
            ("drug_exposure_end_date", Same(Date)),
            ("quantity", Same(Decimal)),
            ("days_supply", Same(Int)),
            ("drug_source_value", Same(Text)),
            visit(),
        ],
        "procedure_occurrence" => vec![
            ("procedure_occurrence_id", Same(Id)),
            person(),
            ("procedure", Code("procedure_concept_id", "SNOMED")),
            ("procedure_concept_id", Same(Int)),
            ("procedure_date", Same(Date)),
            ("procedure_source_value", Same(Text)),
            visit(),
        ],
        "measurement" => vec![
            ("measurement_id", Same(Id)),
            person(),
            ("code", Code("measurement_concept_id", "LOINC")),
            ("finding", Code("measurement_concept_id", "SNOMED")),
            ("measurement_concept_id", Same(Int)),
            ("measurement_date", Same(Date)),
            ("value", Of("value_as_number", Decimal)),
            ("unit", Unit),
            ("unit_concept_id", Same(Int)),
            ("value_as_concept_id", Same(Int)),
            ("measurement_source_value", Same(Text)),
            visit(),
        ],
        "observation" => vec![
            ("observation_id", Same(Id)),
            person(),
            ("code", Code("observation_concept_id", "LOINC")),
            ("finding", Code("observation_concept_id", "SNOMED")),
            ("observation_concept_id", Same(Int)),
            ("observation_date", Same(Date)),
            ("value_as_number", Same(Decimal)),
            ("value_as_concept_id", Same(Int)),
            ("observation_source_value", Same(Text)),
            visit(),
        ],
        "death" => vec![
            person(),
            ("death_date", Same(Date)),
            ("cause", Code("cause_concept_id", "SNOMED")),
            ("cause_concept_id", Same(Int)),
            ("death_type_concept_id", Same(Int)),
        ],
        _ => Vec::new(),
    }
}

impl Reading<'_> {
    /// Stages all rows; gives back what is worth saying.
    pub(super) fn run(
        &self,
        stage: &mut Stage<'_>,
        rejects: &mut Rejects,
        progress: &dyn Progress,
    ) -> Result<Vec<String>, LoadError> {
        let columns = columns(self.table);
        let coded = columns.iter().any(|(_, from)| matches!(from, From::Code(..)));
        let (mut rows, mut unmapped) = (0_u64, 0_u64);
        let mut table = Table::open(self.path, progress)?;
        while let Some(row) = table.next()? {
            let cells = columns
                .iter()
                .map(|(name, from)| Ok((*name, self.cell(&row, name, from)?)))
                .collect::<Result<Cells<'static>, String>>();
            let written = row.written();
            match cells {
                Err(reason) => rejects.refuse(self.path, row.line, &reason, written.as_bytes())?,
                Ok(cells) => {
                    rows += 1;
                    let has_code = columns
                        .iter()
                        .zip(&cells)
                        .any(|((_, from), (_, cell))| matches!(from, From::Code(..)) && *cell != Cell::Null);
                    unmapped += u64::from(coded && !has_code);
                    let place = Place { file: self.path, line: row.line };
                    stage.put_or_refuse(rejects, place, &written, vec![(self.number, cells)])?;
                }
            }
        }
        Ok(if unmapped > 0 {
            vec![format!(
                "{unmapped} of {rows} rows of {} have a concept that is none of a code system of the model, and no code",
                self.table
            )]
        } else {
            Vec::new()
        })
    }

    fn cell(&self, row: &Row<'_>, name: &str, from: &From) -> Result<Cell, String> {
        Ok(match from {
            From::Same(ty) => row.cell(name, ty)?,
            From::Of(column, ty) => row.cell(column, ty)?,
            From::Code(column, system) => match row.whole(column)? {
                Some(id) => self.concepts.code(id, system).map_or(Cell::Null, Cell::Text),
                None => Cell::Null,
            },
            // The number 0 means that there is no concept.
            From::Name(column) => match row.whole(column)?.filter(|id| *id != 0) {
                Some(id) => self.concepts.get(id).map_or(Cell::Null, |concept| Cell::text(&concept.name)),
                None => Cell::Null,
            },
            From::Member(column, members, other) => {
                let id = row.whole(column)?;
                let known = members.iter().find(|(member, _)| Some(*member) == id).map(|(_, word)| *word);
                known.or(*other).map_or(Cell::Null, Cell::text)
            }
            From::Birthday => {
                let part = |column| row.whole(column);
                match (part("year_of_birth")?, part("month_of_birth")?, part("day_of_birth")?) {
                    (Some(year), Some(month), Some(day)) => {
                        let text = format!("{year:04}-{month:02}-{day:02}");
                        parse(&ColumnType::Date, &text).map_err(|reason| format!("the birthday: {reason}"))?
                    }
                    _ => Cell::Null,
                }
            }
            From::Death => {
                let person = row.text("person_id").unwrap_or_default();
                self.deaths.get(person).cloned().unwrap_or(Cell::Null)
            }
            From::Unit => {
                let of_concept = row.whole("unit_concept_id")?.and_then(|id| self.concepts.get(id));
                match of_concept.filter(|concept| concept.vocabulary == "UCUM") {
                    Some(concept) => Cell::text(&concept.code),
                    None => row.text("unit_source_value").map_or(Cell::Null, Cell::text),
                }
            }
        })
    }
}
