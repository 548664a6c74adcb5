//! Non-interference: what people who may not be read contribute to a warehouse changes nothing of any answer.
//!
//! A twin is a warehouse after one [`Operator`]. A question is asked of both, through the
//! same compiled and validated statement; the rows before release, where nothing is withheld or rounded
//! yet, their order and their errors must be the same. Release is a function of those rows and of nothing
//! else, so what is withheld is the same too. The twin answers through DuckDB, through Postgres where it is there, and
//! through `eval`, which must agree, so that a leak of any of them is found.

mod mutate;

pub use mutate::{Hidden, OPERATORS, Operator};

use arrow::array::RecordBatch;
use spec::{Case, SourceFile};
use tempfile::TempDir;

use crate::chance::{Chance, world};
use crate::warehouse::Warehouse;

/// A warehouse with its twins.
#[derive(Debug)]
pub struct Twins {
    first: Warehouse,
    others: Vec<(Operator, Warehouse)>,
}

/// What became of the tables of a case.
#[derive(Debug, Default)]
pub struct Compared {
    /// How many (question, warehouse, operator) were compared.
    pub triples: usize,
    /// The sum of the rows of the first warehouse, of every statement.
    pub rows: usize,
    /// What differed, with the operator; empty is the promise.
    pub differences: Vec<String>,
    /// The errors for which the program was refused: code and message.
    pub refused: Vec<(String, String)>,
}

impl Twins {
    /// Loads a warehouse of `tests/warehouses` and changes a copy of it by each operator.
    ///
    /// # Errors
    /// What the loader or the engine says.
    pub fn load(name: &str, hidden: &Hidden, operators: &[Operator]) -> Result<Twins, String> {
        Twins::of(Warehouse::load(name)?, hidden, operators)
    }

    /// A warehouse of chance and its twins.
    ///
    /// # Errors
    /// What the loader or the engine says.
    pub fn draw(seed: u64, operators: &[Operator]) -> Result<Twins, String> {
        let folder = TempDir::new().map_err(|error| error.to_string())?;
        let hidden =
            world::write(folder.path(), &mut Chance::new(seed)).map_err(|error| error.to_string())?;
        Twins::of(Warehouse::load_from(folder.path())?, &hidden, operators)
    }

    /// The twins of a loaded warehouse.
    pub(crate) fn of(first: Warehouse, hidden: &Hidden, operators: &[Operator]) -> Result<Twins, String> {
        let mut others = Vec::new();
        for operator in operators {
            let twin = first
                .changed(&|model, store| mutate::apply(*operator, hidden, model, store))
                .map_err(|error| format!("{operator:?}: {error}"))?;
            others.push((*operator, twin));
        }
        Ok(Twins { first, others })
    }

    /// Asks every table of a case of the warehouse and of the twins that `asked` admits. A case that does not compile
    /// compares nothing.
    ///
    /// # Errors
    /// The first warehouse does not answer.
    pub fn compare(&self, case: &Case, asked: &dyn Fn(Operator) -> bool) -> Result<Compared, String> {
        let mut compared = Compared::default();
        let program = self.first.ask(case)?;
        if program.checked.has_errors() {
            let errors = program.checked.diagnostics.iter().filter(|one| one.is_error());
            compared.refused = errors.map(|one| (one.code.0.to_owned(), one.message.clone())).collect();
            return Ok(compared);
        }
        let tables = program.compile(&[])?;
        for table in &tables {
            let expected = self.first.seen(&program, table)?;
            compared.rows += expected.iter().flatten().map(RecordBatch::num_rows).sum::<usize>();
            for (operator, twin) in self.others.iter().filter(|(operator, _)| asked(*operator)) {
                compared.triples += 1;
                match twin.seen(&program, table) {
                    Ok(seen) if seen == expected => {}
                    Ok(seen) => compared.differences.push(format!(
                        "{operator:?} changes `{}`:\n{}",
                        table.name,
                        shown(&expected, &seen)
                    )),
                    Err(error) => {
                        compared.differences.push(format!("{operator:?} breaks `{}`: {error}", table.name));
                    }
                }
            }
        }
        Ok(compared)
    }
}

/// A program as a case of its own, under a policy of its own.
pub fn case(name: &str, text: &str, policy: &str) -> Case {
    let file = |name: &str, text: &str| SourceFile {
        name: name.to_owned(),
        text: text.to_owned(),
        lines: (1..=text.lines().count()).collect(),
    };
    Case {
        page: name.to_owned(),
        line: 1,
        path: vec![name.to_owned()],
        files: vec![file(spec::MAIN, text), file("policy.bq", policy)],
        context: toml::Table::new(),
        blocks: Vec::new(),
        assertions: Vec::new(),
    }
}

/// Of every statement, the rows that one warehouse has and the other has not.
fn shown(expected: &[Vec<RecordBatch>], seen: &[Vec<RecordBatch>]) -> String {
    let lines = |batches: &Vec<RecordBatch>| -> Vec<String> {
        let rows = crate::witness::rows(batches).unwrap_or_default();
        rows.iter().map(|row| format!("{row:?}\n")).collect()
    };
    let mut text = String::new();
    for (before, after) in expected.iter().zip(seen) {
        let (before, after) = (lines(before), lines(after));
        text.push_str(&crate::difference::difference(&before.concat(), &after.concat()));
    }
    text
}
