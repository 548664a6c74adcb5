//! From a checked program to statements: lowering, printing, and the second look at what was printed.
//!
//! After `check` nothing here is a user's error: what fails is an error of the compiler, and is not run.

use crate::codes::NO_TABLE;
use crate::session::{Checked, Session};
use crate::trouble::{Kind, Result, Trouble};
use plan::Plan;
use sql::{Dialect, Statement};
use validate::{Demand, ResultDemand};

/// A table of a program, ready to run.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The table's name.
    pub name: String,
    /// The relational form.
    pub plan: Plan,
    /// The statement for DuckDB.
    pub statement: Statement,
}

impl Session {
    /// The statements of the named tables, or of all, in the order of the program. The ancestors of a
    /// disease come from the lock file.
    ///
    /// # Errors
    /// The program has no such table; or the compiler's own checks refuse what it made.
    pub fn compile(&self, checked: &Checked, names: &[String]) -> Result<Vec<Compiled>> {
        let compiled = self.compile_with(checked, names, &|disease| self.vocabulary.above(disease))?;
        self.vocabulary.damage()?;
        Ok(compiled)
    }

    pub(crate) fn compile_with(
        &self,
        checked: &Checked,
        names: &[String],
        above: &dyn Fn(&str) -> Option<Vec<String>>,
    ) -> Result<Vec<Compiled>> {
        for name in names {
            if !checked.tables.contains(name) {
                return Err(no_table(name, &checked.tables));
            }
        }
        let Some(permitted) = &checked.permitted else { return Ok(Vec::new()) };
        let demand = Demand::new(&self.model, permitted.grounds(), validate::Dialect::DuckDb, above);
        let mut compiled = Vec::new();
        for (name, plan) in plan::lower(permitted, &self.model, above) {
            if !names.is_empty() && !names.contains(&name) {
                continue;
            }
            let statement = sql::build(&plan, Dialect::DuckDb).map_err(|error| {
                Trouble::internal(&format!("`{name}` has no statement"), error.to_string())
            })?;
            let result = ResultDemand { columns: statement.columns().len(), keys: Vec::new() };
            validate::validate(statement.text(), &demand.clone().with_result(result)).map_err(
                |violations| {
                    let said: Vec<String> = violations.iter().map(ToString::to_string).collect();
                    let detail = format!("{}\n\n{}", said.join("\n"), statement.text());
                    Trouble::internal(
                        &format!("the statement of `{name}` does not hold what the policy demands"),
                        detail,
                    )
                },
            )?;
            compiled.push(Compiled { name, plan, statement });
        }
        Ok(compiled)
    }
}

fn no_table(name: &str, tables: &[String]) -> Trouble {
    let made = Trouble::new(Kind::Usage, NO_TABLE, format!("the program has no table `{name}`"));
    let near = diag::near_names(name, tables.iter().map(String::as_str));
    match (near.first(), tables.is_empty()) {
        (Some(near), _) => made.help(format!("`{near}` is near")),
        (None, true) => made.help("it has no tables at all"),
        (None, false) => made.help(format!("its tables are {}", tables.join(", "))),
    }
}
