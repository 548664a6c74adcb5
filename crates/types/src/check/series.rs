//! After `group by`: names for released values, and the row before in a series.

use super::record::fisher_call;
use super::shown::{FIELDS, keys_of};
use super::table::Building;
use super::{Checked, Checker};
use crate::query::{GroupKey, Shown, ShownExpr, TableBody};
use crate::ty::Type;
use diag::{Code, Diagnostic};
use syntax::tree;
use text::Range;

impl Checker<'_> {
    /// `let` after `group by` or `frequency`: a name for a value of the group or the record.
    pub(crate) fn shown_let(&mut self, clause: &tree::Let, building: &mut Building) {
        let (name, range) = (&clause.name, self.range(clause.name.span));
        let keys = building.body.as_ref().map(keys_of).unwrap_or_default();
        let of_record = matches!(building.body, Some(TableBody::Frequency { .. }))
            && FIELDS.iter().any(|(field, _)| *field == name.text);
        let first = keys.iter().find(|key| key.name == name.text).map(|key| key.range);
        if first.is_some()
            || of_record
            || building.lets.iter().any(|(known, ..)| *known == name.text)
            || building.tests.iter().any(|(known, _)| *known == name.text)
        {
            let message = format!("`{}` is defined twice", name.text);
            let diagnostic = Diagnostic::error(Code("E0107"), message, range, "defined here again")
                .note("nothing shadows: a key, a field of the record and a `let` have different names");
            self.report(match first {
                Some(first) => diagnostic.label(first, "defined here first"),
                None => diagnostic,
            });
            return;
        }
        let before = self.errors();
        if let Some(call) = fisher_call(&clause.value) {
            match self.fisher(call, building) {
                Some(test) => building.tests.push((name.text.clone(), test)),
                None => building.lets.push((name.text.clone(), ShownExpr::Shown(0), Type::Unknown)),
            }
            return;
        }
        let value = self.shown(&clause.value, building, &[]);
        let (value, ty) = match value {
            Some(value) => value,
            None => {
                // An error that was said already, or what `shown` found nothing to say of.
                if self.errors() == before {
                    self.unsaid += 1;
                }
                (ShownExpr::Shown(0), Type::Unknown)
            }
        };
        building.lets.push((name.text.clone(), value, ty));
    }

    /// `previous(x)`: x in the row before, of the series that the last key makes.
    pub(crate) fn previous(
        &mut self,
        call: &tree::Call,
        building: &mut Building,
        before: &[Shown],
    ) -> Option<(ShownExpr, Type)> {
        let range = self.range(call.span);
        let Some([argument]) = call.arguments.as_deref() else {
            self.error("E0113", "`previous` takes one value", range, "`previous(coverage)`");
            return None;
        };
        let keys = match &building.body {
            Some(TableBody::Groups { keys, .. }) => keys,
            Some(TableBody::Frequency { .. } | TableBody::Rows { .. }) | None => {
                self.no_series(range);
                return None;
            }
        };
        let Some((last, others)) = keys.split_last() else {
            self.no_series(range);
            return None;
        };
        if !has_order(last) {
            let message = format!("`previous` follows the last key, and `{}` has no order", last.name);
            let diagnostic = Diagnostic::error(Code("E0225"), message, range, "previous to what?")
                .label(last.range, format!("{}, which nothing comes before", last.value.ty));
            let diagnostic = diagnostic
                .note("a series runs along months, years, whole numbers, bands or an ordered list of names");
            let ordered = others.iter().find(|key| has_order(key)).map(|key| key.name.clone());
            self.report(match ordered {
                Some(name) => diagnostic.help(format!("put `{name}` last in `group by`")),
                None => diagnostic
                    .help("end `group by` with such a key: `group by kit_lot, month = month(sequenced_on)`"),
            });
            return None;
        }
        let along = u32::try_from(others.len()).unwrap_or(u32::MAX);
        let (value, ty) = self.shown(&argument.value, building, before)?;
        Some((ShownExpr::Previous { along, within: (0..along).collect(), value: Box::new(value) }, ty))
    }

    /// `previous` where rows are no series.
    pub(crate) fn no_series(&mut self, range: Range) -> Checked {
        self.report(
            Diagnostic::error(
                Code("E0225"),
                "`previous` reads the group before, and there are no groups in an order here",
                range,
                "previous to what?",
            )
            .help("use it in `show` after `group by`, whose last key has an order, such as a month"),
        );
        Checked::Error
    }
}

/// Whether the values of a key come one after the other.
fn has_order(key: &GroupKey) -> bool {
    match &key.value.ty {
        Type::Month | Type::Int | Type::Band { .. } => true,
        Type::Enum(list) => list.ordered,
        _ => false,
    }
}
