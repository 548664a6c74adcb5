//! Intervals as a model writes them down: `noted : noted_first .. noted_last`.
//!
//! A source may know of a date only the month or the year, and of an age only a range. The warehouse then
//! has two columns, the least and the greatest that the value can be, and the language one name for both.
//! The label of the value is that of its columns.

use crate::entity::{Dated, Entity, Interval};
use crate::read::{BAD_TRAIT, Reader, TWICE};
use crate::ty::ColumnType;
use diag::{Code, Diagnostic};
use syntax::Parsed;
use syntax::tree::{self, FieldKind, Name};

const BAD_ENDS: Code = Code("E0161");

/// Whether an entity declares an interval of this name, right or wrong.
pub(crate) fn is_declared(syntax: &tree::Entity, name: &str) -> bool {
    let is =
        |field: &tree::Field| matches!(field.kind, FieldKind::Interval { .. }) && field.name.text == name;
    syntax.fields.iter().any(is)
}

impl Reader {
    /// Fills in the intervals of an entity whose columns are known.
    pub(crate) fn intervals(&mut self, parsed: &Parsed, syntax: &tree::Entity, entity: &mut Entity) {
        for field in &syntax.fields {
            let FieldKind::Interval { earliest, latest } = &field.kind else { continue };
            let range = parsed.range(field.name.span);
            let name = &field.name.text;
            if entity.find_column(name).is_some() || entity.find_interval(name).is_some() {
                self.diagnostics.push(Diagnostic::error(
                    TWICE,
                    format!("`{name}` is a field of `{}` twice", entity.name),
                    range,
                    "declared here again",
                ));
                continue;
            }
            let ends = (self.own_column(parsed, entity, earliest), self.own_column(parsed, entity, latest));
            let (Some(first), Some(last)) = ends else { continue };
            let of = |id| {
                let column = entity.column(id);
                (&column.ty, &column.unit)
            };
            let words = |id| entity.column(id).ty.words();
            let ends = if first == last {
                format!("its ends are one column, `{}`", earliest.text)
            } else {
                format!("its ends are {} and {}", words(first), words(last))
            };
            if first == last
                || of(first) != of(last)
                || !matches!(of(first), (ColumnType::Date | ColumnType::Int, None))
            {
                self.diagnostics.push(
                    Diagnostic::error(
                        BAD_ENDS,
                        format!("`{name}` is no interval: {ends}"),
                        parsed.range(earliest.span).to(parsed.range(latest.span)),
                        "two columns with dates, or with ages in days, were expected",
                    )
                    .help("an interval of dates lies between two columns of type `date`, one of ages between two of type `int`"),
                );
                continue;
            }
            entity.intervals.push(Interval {
                name: name.clone(),
                earliest: first,
                latest: last,
                doc: field.doc.clone(),
                range,
            });
        }
    }

    /// `dated by INTERVAL`
    pub(crate) fn partly_dated(
        &mut self,
        parsed: &Parsed,
        entity: &Entity,
        interval: &Interval,
        start: &Name,
        end: Option<&Name>,
    ) -> Option<Dated> {
        let (message, at, label) = if entity.column(interval.earliest).ty != ColumnType::Date {
            (
                format!("`{}` cannot be dated by `{}`, which is no date", entity.name, start.text),
                start,
                "ages in days",
            )
        } else if let Some(end) = end {
            (
                format!("`{}` has a last day, so its first day is a date of its own", entity.name),
                end,
                "a partial date has no last day beside it",
            )
        } else {
            return Some(Dated { start: interval.earliest, latest: Some(interval.latest), end: None });
        };
        self.diagnostics.push(Diagnostic::error(BAD_TRAIT, message, parsed.range(at.span), label));
        None
    }
}
