//! A table that is named in another item: its released form, as a set of values of a column.

use super::expr::truth;
use super::{Checked, Checker, with_near};
use crate::query::{Expr, Kind, TableId};
use crate::ty::Type;
use diag::{Code, Diagnostic, near_names};
use model::ColumnLabel;
use syntax::tree;
use text::Range;

impl Checker<'_> {
    /// `lots.kit_lot`
    pub(crate) fn column_of_table(&mut self, table: TableId, name: &tree::Name) -> Checked {
        let range = self.range(name.span);
        let Some(found) = self.query.tables.get(table.0 as usize) else { return self.broken() };
        if let Some(at) = found.shown.iter().position(|shown| shown.name == name.text) {
            return Checked::Table(table, Some(u32::try_from(at).unwrap_or(u32::MAX)), range);
        }
        let known: Vec<&str> = found.shown.iter().map(|shown| shown.name.as_str()).collect();
        let near = near_names(&name.text, known.iter().copied());
        let message = format!("table `{}` shows no `{}`", found.name, name.text);
        let diagnostic = Diagnostic::error(Code("E0103"), message, range, "no such column");
        let diagnostic = if near.is_empty() {
            diagnostic.note(format!("it shows {}", known.join(", ")))
        } else {
            diagnostic
        };
        self.report(with_near(diagnostic, &near));
        Checked::Error
    }

    /// A value in the released values of a column.
    pub(crate) fn in_table(
        &mut self,
        value: Expr,
        (table, column, at): (TableId, Option<u32>, Range),
        range: Range,
    ) -> Checked {
        let Some(found) = self.query.tables.get(table.0 as usize) else { return self.broken() };
        let shown = column.and_then(|column| Some((column, found.shown.get(column as usize)?)));
        let Some((column, shown)) = shown else {
            let name = found.name.clone();
            let columns: Vec<String> =
                found.shown.iter().map(|shown| format!("`{name}.{}`", shown.name)).collect();
            self.report(
                Diagnostic::error(
                    Code("E0227"),
                    format!("`{name}` is a table, and a value is in a column"),
                    at,
                    "which column?",
                )
                .help(format!("write {}", columns.join(" or "))),
            );
            return Checked::Error;
        };
        if shown.ty != value.ty {
            let (a, b) = (value.ty.to_string(), shown.ty.to_string());
            let message = format!("`{}.{}` holds {b}, and {a} is looked for in it", found.name, shown.name);
            self.report(Diagnostic::error(Code("E0201"), message, value.range, a).label(at, b));
            return Checked::Error;
        }
        // What is released of other types is rounded, or a label of several values.
        if !matches!(value.ty, Type::Text | Type::Gene | Type::Enum(_) | Type::Code(_) | Type::Int) {
            self.report(
                Diagnostic::error(
                    Code("E0227"),
                    format!("released values of this kind are no set: {}", shown.ty),
                    at,
                    "not names",
                )
                .note("names, genes, codes and whole numbers are looked for in a released column"),
            );
            return Checked::Error;
        }
        self.query.tables_read.insert(table);
        let label = value.label.max(ColumnLabel::Public);
        Checked::One(truth(label, Kind::InTable { value: Box::new(value), table, column }, range))
    }
}
