//! From a checked program to statements: lowering, printing, and the second look at what was printed.
//!
//! After `check` nothing here is a user's error: what fails is an error of the compiler, and is not run.

use crate::codes::NO_TABLE;
use crate::session::{Checked, Session};
use crate::trouble::{Kind, Result, Trouble};
use plan::{Plan, ReleasedColumn, ReleasedColumns};
use policy::Permitted;
use release::{Released, ReleasedValue};
use sql::{Dialect, Statement};
use std::collections::{BTreeMap, BTreeSet};
use types::TableId;
use validate::{Demand, ResultDemand};

/// A table of a program, ready to run.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The table's name.
    pub name: String,
    /// The relational form.
    pub plan: Plan,
    /// The statement for the engine of the session.
    pub statement: Statement,
    /// Columns of other tables whose released values it reads.
    pub(crate) reads: Vec<(TableId, u32)>,
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
        let mut compiled = Vec::new();
        for name in plan::items(permitted.query()) {
            if names.is_empty() || names.iter().any(|other| other == name) {
                compiled.extend(self.compile_item(permitted, name, above, &ReleasedColumns::new())?);
            }
        }
        Ok(compiled)
    }

    /// One table or report by its name, after what was released of the tables before it.
    fn compile_item(
        &self,
        permitted: &Permitted,
        name: &str,
        above: &dyn Fn(&str) -> Option<Vec<String>>,
        released: &ReleasedColumns,
    ) -> Result<Option<Compiled>> {
        let Some((plan, reads)) = plan::lower_item(permitted, &self.model, above, name, released) else {
            return Ok(None);
        };
        let statement = self.printed(permitted, name, &plan, above, self.dialect)?;
        Ok(Some(Compiled { name: name.to_owned(), plan, statement, reads }))
    }

    /// The statement of a compiled table for an engine, whichever that of the session is.
    ///
    /// # Errors
    /// The compiler's own checks refuse it.
    pub fn statement_for(&self, checked: &Checked, table: &Compiled, dialect: Dialect) -> Result<Statement> {
        let missing = || Trouble::internal(&format!("`{}` has no statement", table.name), String::new());
        let permitted = checked.permitted.as_ref().ok_or_else(missing)?;
        let above = |disease: &str| self.vocabulary.above(disease);
        self.printed(permitted, &table.name, &table.plan, &above, dialect)
    }

    /// A plan as text of an engine, which has passed the validator.
    pub(crate) fn printed(
        &self,
        permitted: &Permitted,
        name: &str,
        plan: &Plan,
        above: &dyn Fn(&str) -> Option<Vec<String>>,
        dialect: Dialect,
    ) -> Result<Statement> {
        let statement = sql::build(plan, dialect)
            .map_err(|error| Trouble::internal(&format!("`{name}` has no statement"), error.to_string()))?;
        let read_as = match dialect {
            Dialect::DuckDb => validate::Dialect::DuckDb,
            Dialect::Postgres => validate::Dialect::Postgres,
        };
        let demand = Demand::new(&self.model, permitted.grounds(), read_as, above);
        let result = ResultDemand {
            columns: statement.columns().len(),
            keys: Vec::new(),
            members: !plan.shape.members.is_empty(),
        };
        validate::validate(statement.text(), &demand.with_result(result)).map_err(|violations| {
            let said: Vec<String> = violations.iter().map(ToString::to_string).collect();
            let detail = format!("{}\n\n{}", said.join("\n"), statement.text());
            Trouble::internal(
                &format!("the statement of `{name}` does not hold what the policy demands"),
                detail,
            )
        })?;
        Ok(statement)
    }

    /// Runs the named tables of a checked program, or all, and those whose released values they read, in
    /// the order of the program. `run` runs one and gives what was released of it; whether it was named is
    /// its second argument.
    ///
    /// # Errors
    /// Those of [`Session::compile`], and those of `run`.
    pub fn in_order(
        &self,
        checked: &Checked,
        names: &[String],
        above: &dyn Fn(&str) -> Option<Vec<String>>,
        run: &mut dyn FnMut(&Compiled, bool) -> Result<Released>,
    ) -> Result<()> {
        let named = self.compile_with(checked, names, above)?;
        let Some(permitted) = &checked.permitted else { return Ok(()) };
        let query = permitted.query();
        let of_table = |table: &TableId| query.tables.get(table.0 as usize).map(|table| table.name.as_str());
        // What is named, and what that reads, and so on.
        let mut needed: BTreeMap<&str, Vec<(TableId, u32)>> = BTreeMap::new();
        let mut open: Vec<&str> = named.iter().map(|item| item.name.as_str()).collect();
        while let Some(name) = open.pop() {
            if needed.contains_key(name) {
                continue;
            }
            let none = ReleasedColumns::new();
            let lowered = plan::lower_item(permitted, &self.model, above, name, &none);
            let reads = lowered.map(|(_, reads)| reads).unwrap_or_default();
            open.extend(reads.iter().filter_map(|(table, _)| of_table(table)));
            needed.insert(name, reads);
        }
        let wanted: BTreeSet<&str> =
            needed.values().flatten().filter_map(|(table, _)| of_table(table)).collect();
        let mut released = ReleasedColumns::new();
        for name in plan::items(query).into_iter().filter(|name| needed.contains_key(name)) {
            let Some(item) = self.compile_item(permitted, name, above, &released)? else { continue };
            let rows = run(&item, named.iter().any(|other| other.name == name))?;
            let at = query.tables.iter().position(|table| table.name == name);
            if let Some(at) = at.filter(|_| wanted.contains(name)) {
                remember(&mut released, at, &rows);
            }
        }
        Ok(())
    }
}

/// Keeps what was released of a table, for the tables after it.
pub(crate) fn remember(released: &mut ReleasedColumns, at: usize, rows: &Released) {
    let table = TableId(u32::try_from(at).unwrap_or(u32::MAX));
    for column in 0..rows.columns().len() {
        let key = (table, u32::try_from(column).unwrap_or(u32::MAX));
        released.insert(key, column_of(rows, column));
    }
}

/// What was released of a column, for the tables after it.
fn column_of(released: &Released, column: usize) -> ReleasedColumn {
    let mut of = ReleasedColumn::default();
    for value in released.rows().iter().filter_map(|row| row.get(column)) {
        match value {
            ReleasedValue::Value(value) => of.values.push(value.clone()),
            ReleasedValue::Withheld(_) | ReleasedValue::Other => of.withheld = true,
            ReleasedValue::Null
            | ReleasedValue::NotRecorded
            | ReleasedValue::Total
            | ReleasedValue::Rows(_)
            | ReleasedValue::Interval { .. } => {}
        }
    }
    of
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
