//! What is said where something is many, or a row, and one value was expected (language.md, section 3).

use super::{Checked, Checker};
use crate::query::{Expr, Kind, Row, Rows};
use crate::ty::Type;
use diag::{Code, Diagnostic};
use text::Range;

impl Checker<'_> {
    /// A row where one of its columns was meant.
    pub(crate) fn row_as_value(&mut self, row: &Row, at: Range) {
        let entity = self.model().entity(row.entity);
        let code = entity.coded_by.map(|column| entity.column(column).name.as_str());
        let columns: Vec<String> =
            entity.date_name().into_iter().chain(code).map(|name| format!("`.{name}`")).collect();
        let help = match columns.as_slice() {
            [] => "read a column of it".to_owned(),
            columns => format!("read a column of it, such as {}", columns.join(" or ")),
        };
        let message = format!("this is {}, not a value of it", super::scope::article(&entity.name));
        self.report(Diagnostic::error(Code("E0203"), message, at, "a row").help(help));
    }

    /// `phenotype in X` where `has phenotype in X` was meant.
    pub(crate) fn rows_as_condition(&mut self, rows: &Rows, range: Range) {
        let around = &self.model().entity(rows.around.entity).name;
        let start = Range::new(range.file, range.start, range.start);
        self.report(
            Diagnostic::error(
                Code("E0302"),
                format!("there are many {} for one {around}, and a condition was expected", rows.words),
                range,
                format!("many per {around}"),
            )
            .note("`has` asks whether there is one, `no` whether there is none, `at least 2` counts them")
            .fix("write `has` before it", vec![(start, "has ".to_owned())]),
        );
    }

    /// A `many` where one value was expected: names the lineage and what could be meant.
    pub(crate) fn grain(&mut self, rows: &Rows, tail: &Checked, range: Range) {
        let around = self.model().entity(rows.around.entity).name.clone();
        let column = match tail {
            Checked::One(Expr { kind: Kind::Column(row, column), .. }) => {
                let last = rows.steps.last().map_or(row.entity, |step| step.row.entity);
                format!("{}.{}", self.hops(last, row), self.model().entity(row.entity).column(*column).name)
            }
            _ => String::new(),
        };
        let words = &rows.words;
        let mut diagnostic = Diagnostic::error(
            Code("E0302"),
            format!("there are many {words} for one {around}, and one value was expected"),
            range,
            format!("many per {around}"),
        )
        .note("nothing multiplies: what is many is tested with a quantifier, reduced to one row by a pick, or to one number by an aggregate");
        let entity =
            self.model().entity(rows.steps.last().map_or(rows.around.entity, |step| step.row.entity));
        let singular = &entity.name;
        // Without a declared date the order has to be said.
        let by = if entity.dated_by.is_some() { "" } else { " by …" };
        let code = entity.coded_by.map(|column| &entity.column(column).ty);
        diagnostic = diagnostic.help(match code {
            Some(model::ColumnType::Code(system)) if column.is_empty() => {
                format!("`has {singular} in {system}:…` asks for a code, `has {singular} (…)` for anything else of one")
            }
            _ => format!("`has {singular} (…)` asks whether there is one"),
        });
        diagnostic = diagnostic
            .help(format!("`first({singular}{by}){column}` or `last({singular}{by}){column}` takes one"));
        let number = match tail {
            Checked::One(value) => super::expr::is_number(&value.ty) || matches!(value.ty, Type::Quantity(_)),
            _ => false,
        };
        diagnostic = diagnostic.help(if number {
            format!("`mean({words}{column})`, `count({words})` take them all")
        } else {
            format!("`count({words})` counts them")
        });
        self.report(diagnostic);
    }

    /// The to-one steps from a row of `from` to `row`, as they are written: `.father.mother`.
    fn hops(&self, from: model::EntityId, row: &Row) -> String {
        let mut at = from;
        let mut words = String::new();
        for hop in &row.hops {
            let Some(relation) = self.model().entity(at).relations.get(hop.0 as usize) else { break };
            words.push('.');
            words.push_str(&relation.name);
            at = relation.target;
        }
        words
    }

    /// Two `many` in one comparison: names both.
    pub(crate) fn two_many(&mut self, left: &Rows, left_range: Range, right: &Rows, right_range: Range) {
        let around = self.model().entity(left.around.entity).name.clone();
        let (a, b) = (left.words.clone(), right.words.clone());
        let one = |rows: &Rows| {
            self.model()
                .entity(rows.steps.last().map_or(rows.around.entity, |step| step.row.entity))
                .name
                .clone()
        };
        let (single_a, single_b) = (one(left), one(right));
        let dated = |rows: &Rows| {
            let entity = self.model().entity(rows.steps.last()?.row.entity);
            entity.date_name().map(str::to_owned)
        };
        let help = match (dated(left), dated(right)) {
            (Some(_), Some(date)) => {
                format!("`has {single_a} before first({single_b}).{date}` takes one of the right side")
            }
            (_, _) => format!(
                "`first({single_b})` takes one of the right side, and `has {single_a} (…)` tests each of the left"
            ),
        };
        self.report(
            Diagnostic::error(
                Code("E0303"),
                format!("this compares many {a} of a {around} with many {b} of the same {around}"),
                left_range,
                format!("many per {around}"),
            )
            .label(right_range, format!("many per {around}"))
            .note("every pair of rows would have to be compared, and nothing says which pair is meant")
            .help(help),
        );
    }
}
