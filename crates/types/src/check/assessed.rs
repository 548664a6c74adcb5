//! `assessed when C`: whether the absence of rows says anything.
//!
//! A model declares for an entity when somebody looked. The condition is read on the row around the
//! rows, the one that a quantifier gives its truth value to. Where it is not true (false or unknown), a
//! quantifier that no row decides is unknown instead of false. It becomes one more bound of the rows: a
//! value that is null exactly where the row around was not assessed, since a quantifier is unknown while
//! a bound is null (language.md, section 4, "Existence").

use super::expr::truth;
use super::scope::Frame;
use super::{Checked, Checker};
use crate::query::{Expr, Kind, Rows, RowsSource, Value};
use crate::ty::Type;
use diag::{Code, Diagnostic};
use model::ColumnLabel;
use text::Range;

impl Checker<'_> {
    /// Adds to rows that a quantifier asks about what their model says of absence.
    pub(crate) fn assessed(&mut self, rows: &mut Rows, range: Range) -> Option<()> {
        for (at, step) in rows.steps.iter().enumerate().skip(1) {
            let entity = self.model().entity(step.row.entity);
            if entity.assessed.is_none() || matches!(step.source, RowsSource::Carried { .. }) {
                continue;
            }
            let before = self.model().entity(rows.steps[at - 1].row.entity);
            self.report(
                Diagnostic::error(
                    Code("E0307"),
                    format!(
                        "{} may not have been looked for in every {}, so one question cannot ask through both",
                        entity.plural, before.name
                    ),
                    range,
                    format!("{} of {}", entity.plural, before.plural),
                )
                .note(format!("the model declares for {} an `assessed when`, which is read on the row around", entity.plural))
                .help(format!("ask step by step: `has {} (has {} …)`", before.name, entity.name)),
            );
            return None;
        }
        let entity = self.model().entity(rows.steps.first()?.row.entity);
        let Some(assessed) = &entity.assessed else { return Some(()) };
        if matches!(rows.steps.first()?.source, RowsSource::Carried { .. }) {
            return Some(());
        }
        let frame = Frame { row: rows.around.clone(), names: Vec::new(), index: None, call: None };
        let outer = std::mem::replace(&mut self.frames, vec![frame]);
        let name = format!("assessed {}", entity.name);
        let before = self.diagnostics.len();
        let checked = self.inside(&assessed.file, &name, range, |checker| {
            checker.condition(&assessed.condition).map_or(Checked::Error, Checked::One)
        });
        for diagnostic in self.diagnostics[before..].iter_mut().filter(|diagnostic| diagnostic.is_error()) {
            diagnostic.labels.push(diag::Label { range, text: "asked here".to_owned() });
        }
        self.frames = outer;
        let Checked::One(condition) = checked else { return None };
        let value = |kind| Expr { kind, ty: Type::Bool, label: ColumnLabel::Public, range };
        let bound = Kind::Case(
            vec![(condition.clone(), value(Kind::Literal(Value::Bool(true))))],
            Box::new(value(Kind::Null)),
        );
        rows.steps.first_mut()?.bounds.push(truth(condition.label, bound, range));
        Some(())
    }
}
