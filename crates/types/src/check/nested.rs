//! `R { columns }` in `show`: of each row of a table its rows R, each with columns of their own.

use super::effects::{EffectScope, effect_conditions};
use super::table::{Building, column_name};
use super::{Checked, Checker};
use crate::query::{EachOther, Expr, GroupCell, Nested, Row, Rows, ShownExpr, TableBody};
use crate::ty::Type;
use diag::{Code, Diagnostic};
use model::ColumnLabel;
use syntax::tree;
use text::Range;

impl Checker<'_> {
    /// Rows of a row with the columns that are shown of each.
    pub(crate) fn nested(
        &mut self,
        rows: &tree::Expr,
        columns: &tree::Columns,
        building: &mut Building,
    ) -> Option<(ShownExpr, Type)> {
        let range = self.range(rows.span);
        if building.regroup.is_some() || !matches!(building.body, Some(TableBody::Rows { .. })) {
            self.report(
                Diagnostic::error(
                    Code("E0242"),
                    "rows are shown of one row, and what stands here is no single row",
                    range,
                    "rows of a group",
                )
                .note("a group has numbers; whose rows would these be?")
                .help("count them: `sum(count(R))`, or show rows instead of groups"),
            );
            return None;
        }
        self.frames.push(building.frame.clone());
        let nested = self.nested_in_scope(rows, columns, range);
        self.frames.pop();
        let at = u32::try_from(building.nested.len()).unwrap_or(u32::MAX);
        building.nested.push(nested?);
        // It has no type of its own: nothing is computed from it.
        Some((ShownExpr::Cell(GroupCell::Nested(at)), Type::Unknown))
    }

    fn nested_in_scope(
        &mut self,
        rows: &tree::Expr,
        columns: &tree::Columns,
        range: Range,
    ) -> Option<Nested> {
        let rows = match self.expr(rows, None) {
            Checked::Many(rows, tail)
                if matches!(&*tail, Checked::Row(row, _) if row.hops.is_empty())
                    && rows.each_other == EachOther::default() =>
            {
                *rows
            }
            Checked::Error => return None,
            _ => {
                self.report(
                    Diagnostic::error(
                        Code("E0242"),
                        "braces hold columns of many rows, and this is not many",
                        range,
                        "not rows",
                    )
                    .help("name a relation of the row: `samples { kit_lot }`"),
                );
                return None;
            }
        };
        let row = rows.steps.last().map(|step| step.row.clone())?;
        let mut found: Vec<(String, Expr)> = Vec::new();
        let mut whole = true;
        for column in &columns.columns {
            let at = self.range(column.span);
            let name =
                column.name.as_ref().map_or_else(|| column_name(&column.value), |name| name.text.clone());
            if column.nested.is_some() {
                self.not_yet("rows nested in nested rows", at);
                whole = false;
                continue;
            }
            if found.iter().any(|(known, _)| *known == name) {
                self.report(
                    Diagnostic::error(
                        Code("E0124"),
                        format!("two columns are named `{name}`"),
                        at,
                        "the second one",
                    )
                    .help("give it another name: `name = …`"),
                );
                whole = false;
                continue;
            }
            match self.nested_value(&rows, &row, &column.value) {
                Some(value) => found.push((name, value)),
                None => whole = false,
            }
        }
        whole.then_some(Nested { rows, columns: found })
    }

    /// A value of one of the rows.
    fn nested_value(&mut self, rows: &Rows, row: &Row, expr: &tree::Expr) -> Option<Expr> {
        let range = self.range(expr.span);
        self.effects.push(EffectScope::new(row.clone()));
        let value = self.inside_rows(rows, |checker| match checker.expr(expr, None) {
            Checked::Row(row, at) => Some(checker.shown_row(&row, at)),
            checked => checker.one(checked, range),
        });
        let scope = self.effects.pop()?;
        let conditions = rows.steps.iter().flat_map(|step| &step.conditions);
        let conditions: Vec<(Row, Expr)> = conditions.flat_map(effect_conditions).collect();
        let value = self.first_effect(scope, value?, &conditions);
        if value.label == ColumnLabel::Identifier {
            self.report(
                Diagnostic::error(
                    Code("E0242"),
                    "an identifier has no place in nested rows",
                    range,
                    "an identifier",
                )
                .note("a pseudonym tells rows of one person together; these are all of the row around")
                .help("show it beside the nested rows"),
            );
            return None;
        }
        Some(value)
    }

    /// A nested column where a value was expected.
    pub(crate) fn nested_as_value(&mut self, word: &str, range: Range) {
        self.report(
            Diagnostic::error(
                Code("E0242"),
                format!("`{word}` holds rows, and one value was expected"),
                range,
                "rows",
            )
            .help("order by, or compare, a value of the row itself, such as `count(…)` of these rows"),
        );
    }
}
