//! `may test` and `may show`: names of entities and columns, compared with the model.

use super::{Reader, with_near};
use crate::agreement::{Base, Grant, GrantedColumns, Level, ShowGrant, Showable};
use crate::codes;
use diag::{Diagnostic, near_names};
use model::{ColumnId, ColumnLabel, ColumnType, EntityId, Linkage};
use std::collections::BTreeSet;
use syntax::Parsed;
use syntax::tree::{self, Argument, Expr, ExprKind, LiteralKind, Name, Unit};
use text::Range;

impl Reader<'_> {
    /// The grants of a `may test` line, and whether `consent` is among them.
    pub(super) fn may_test(
        &mut self,
        parsed: &Parsed,
        grants: &[tree::Grant],
    ) -> (Vec<Grant>, Option<Range>) {
        let mut read = Vec::new();
        let mut consent = None;
        for grant in grants {
            let range = parsed.range(grant.span);
            if grant.entity.text == "consent" {
                consent = Some(range);
                if grant.columns.is_some() {
                    self.error(
                        codes::NOT_GRANTABLE,
                        "the consent records are read by the compiler only",
                        range,
                        "columns of consent",
                    );
                }
                continue;
            }
            let Some(entity) = self.entity(parsed, &grant.entity) else { continue };
            let columns = match &grant.columns {
                None => GrantedColumns::AllButIdentifiers,
                Some(names) => {
                    let columns: BTreeSet<ColumnId> =
                        names.iter().flat_map(|name| self.tested_columns(parsed, entity, name)).collect();
                    GrantedColumns::These(columns)
                }
            };
            read.push(Grant { entity, columns, range });
        }
        (read, consent)
    }

    /// An entity that can be granted.
    fn entity(&mut self, parsed: &Parsed, name: &Name) -> Option<EntityId> {
        let at = parsed.range(name.span);
        let Some(id) = self.model.find(&name.text) else {
            let diagnostic = Diagnostic::error(
                codes::UNKNOWN_GRANT,
                format!("the model has no entity `{}`", name.text),
                at,
                "unknown entity",
            );
            let near = near_names(&name.text, self.model.names().chain(["consent"]));
            self.report(with_near(diagnostic, &near));
            return None;
        };
        match self.model.entity(id).linkage {
            Linkage::Public | Linkage::Subject | Linkage::Of(_) => Some(id),
            Linkage::Aggregate => {
                self.report(
                    Diagnostic::error(
                        codes::NOT_GRANTABLE,
                        format!("`{}` holds counts of people that were made before, which no query can read", name.text),
                        at,
                        "an aggregate of subjects",
                    )
                    .note("the people in such a count may have withdrawn since; counts are made anew from the people who are permitted"),
                );
                None
            }
        }
    }

    /// The columns that a name grants: an interval is read by both of its ends.
    fn tested_columns(&mut self, parsed: &Parsed, entity: EntityId, name: &Name) -> Vec<ColumnId> {
        match self.model.entity(entity).find_interval(&name.text) {
            Some(interval) => vec![interval.earliest, interval.latest],
            None => self.tested_column(parsed, entity, name).into_iter().collect(),
        }
    }

    fn tested_column(&mut self, parsed: &Parsed, entity: EntityId, name: &Name) -> Option<ColumnId> {
        let column = self.column(parsed, entity, name)?;
        if self.model.entity(entity).column(column).label == ColumnLabel::Identifier {
            self.report(
                Diagnostic::error(
                    codes::NOT_GRANTABLE,
                    format!("`{}` is an identifier, and identifiers are not tested", name.text),
                    parsed.range(name.span),
                    "an identifier",
                )
                .note("an identifier joins rows and does nothing else; joins need no grant"),
            );
            return None;
        }
        Some(column)
    }

    fn column(&mut self, parsed: &Parsed, entity: EntityId, name: &Name) -> Option<ColumnId> {
        let declared = self.model.entity(entity);
        let at = parsed.range(name.span);
        let Some(column) = declared.find_column(&name.text) else {
            let diagnostic = Diagnostic::error(
                codes::UNKNOWN_GRANT,
                format!("`{}` has no column `{}`", declared.name, name.text),
                at,
                "unknown column",
            );
            let near = near_names(&name.text, declared.columns.iter().map(|column| column.name.as_str()));
            self.report(with_near(diagnostic, &near));
            return None;
        };
        if declared.column(column).ty == ColumnType::Bytes {
            let message = format!("`{}` is read by the compiler only", name.text);
            self.error(codes::NOT_GRANTABLE, message, at, "not for queries");
            return None;
        }
        Some(column)
    }

    /// The grants of a `may show` line.
    pub(super) fn may_show(&mut self, parsed: &Parsed, shown: &[Expr]) -> Vec<ShowGrant> {
        let mut read = Vec::new();
        for expr in shown {
            let range = parsed.range(expr.span);
            if let Some(ends) = self.shown_interval(expr) {
                read.extend(ends.map(|what| ShowGrant { what, range }));
            } else if let Some(what) = self.showable(parsed, expr) {
                read.push(ShowGrant { what, range });
            }
        }
        read
    }

    /// `diagnosis.noted`: both ends of an interval.
    fn shown_interval(&self, expr: &Expr) -> Option<[Showable; 2]> {
        let (entity, name) = match &expr.kind {
            ExprKind::Call(tree::Call { name, arguments: None, .. }) => (self.model.subject()?, name),
            ExprKind::Member { of, call: tree::Call { name, arguments: None, .. } } => {
                let ExprKind::Call(tree::Call { name: of, arguments: None, .. }) = &of.kind else {
                    return None;
                };
                (self.model.find(&of.text)?, name)
            }
            _ => return None,
        };
        let interval = self.model.entity(entity).find_interval(&name.text)?;
        Some([interval.earliest, interval.latest].map(|end| Showable::Value(Base::Column(entity, end))))
    }

    fn showable(&mut self, parsed: &Parsed, expr: &Expr) -> Option<Showable> {
        let range = parsed.range(expr.span);
        let ExprKind::Call(call) = &expr.kind else {
            return self.base(parsed, expr).map(Showable::Value);
        };
        let Some(arguments) = &call.arguments else {
            // An entity by its name is its row; a column of that name comes first, as in a query.
            let is_column = self.subject_column(&call.name.text).is_some();
            return match self.model.find(&call.name.text) {
                Some(entity) if !is_column => Some(Showable::Row(entity)),
                Some(_) | None => self.base(parsed, expr).map(Showable::Value),
            };
        };
        match (call.name.text.as_str(), arguments.as_slice()) {
            ("band", [number, width]) => {
                let base = self.base(parsed, &number.value)?;
                let Some(width) = self.width(base, width) else {
                    self.report(
                        Diagnostic::error(
                            codes::NOT_GRANTABLE,
                            "this has no bands of this width",
                            range,
                            "not a band",
                        )
                        .help("a width is a whole number; of ages, whole years: `band(age, 10 years)`"),
                    );
                    return None;
                };
                Some(Showable::Band(base, width))
            }
            ("month" | "year", [date]) => {
                let base = self.base(parsed, &date.value)?;
                if !self.is(base, &ColumnType::Date) {
                    self.error(
                        codes::NOT_GRANTABLE,
                        format!("only a date has a {}", call.name.text),
                        range,
                        "not a date",
                    );
                    return None;
                }
                Some(if call.name.text == "month" { Showable::Month(base) } else { Showable::Year(base) })
            }
            _ => {
                self.not_showable(range);
                None
            }
        }
    }

    fn not_showable(&mut self, range: Range) {
        self.report(
            Diagnostic::error(codes::NOT_GRANTABLE, "`may show` cannot name this", range, "not a column")
                .note("it names columns (`sex`, `sample.kit_lot`), `age`, rows (`variant`), and generalisations: `band(age, 10 years)`, `month(sample.sequenced_on)`, `year(…)`"),
        );
    }

    fn subject_column(&self, name: &str) -> Option<(EntityId, ColumnId)> {
        let subject = self.model.subject()?;
        Some((subject, self.model.entity(subject).find_column(name)?))
    }

    /// `age`, `sex`, `sample.kit_lot`.
    fn base(&mut self, parsed: &Parsed, expr: &Expr) -> Option<Base> {
        let range = parsed.range(expr.span);
        match &expr.kind {
            ExprKind::Call(call) if call.arguments.is_none() => self.bare(parsed, &call.name),
            ExprKind::Member { of, call } if call.arguments.is_none() => {
                let ExprKind::Call(tree::Call { name, arguments: None, .. }) = &of.kind else {
                    self.not_showable(range);
                    return None;
                };
                let entity = self.entity(parsed, name)?;
                if Some(entity) == self.model.subject() && call.name.text == "age" {
                    return Some(Base::Age);
                }
                self.column(parsed, entity, &call.name).map(|column| Base::Column(entity, column))
            }
            _ => {
                self.not_showable(range);
                None
            }
        }
    }

    /// A name alone: of the subject, else of the one linked entity that has such a column.
    fn bare(&mut self, parsed: &Parsed, name: &Name) -> Option<Base> {
        if let Some((entity, _)) = self.subject_column(&name.text) {
            return self.column(parsed, entity, name).map(|column| Base::Column(entity, column));
        }
        if name.text == "age" {
            return Some(Base::Age);
        }
        let linked: Vec<EntityId> =
            self.model.ids().filter(|id| matches!(self.model.entity(*id).linkage, Linkage::Of(_))).collect();
        let found: Vec<EntityId> = linked
            .iter()
            .copied()
            .filter(|id| self.model.entity(*id).find_column(&name.text).is_some())
            .collect();
        let at = parsed.range(name.span);
        match found.as_slice() {
            [one] => self.column(parsed, *one, name).map(|column| Base::Column(*one, column)),
            [] => {
                let mut known: BTreeSet<&str> = BTreeSet::from(["age"]);
                for id in linked.into_iter().chain(self.model.subject()) {
                    known.extend(self.model.entity(id).columns.iter().map(|column| column.name.as_str()));
                }
                let diagnostic = Diagnostic::error(
                    codes::UNKNOWN_GRANT,
                    format!("no table of people has a column `{}`", name.text),
                    at,
                    "unknown column",
                );
                let near = near_names(&name.text, known.iter().copied());
                self.report(with_near(diagnostic, &near));
                None
            }
            several => {
                let names: Vec<String> = several
                    .iter()
                    .map(|id| format!("`{}.{}`", self.model.entity(*id).name, name.text))
                    .collect();
                self.report(
                    Diagnostic::error(
                        codes::UNKNOWN_GRANT,
                        format!("several tables have a column `{}`", name.text),
                        at,
                        "of which table?",
                    )
                    .help(format!("write one of {}", names.join(", "))),
                );
                None
            }
        }
    }

    fn is(&self, base: Base, ty: &ColumnType) -> bool {
        match base {
            Base::Age => false,
            Base::Column(entity, column) => self.model.entity(entity).column(column).ty == *ty,
        }
    }

    /// The width of a band: years for ages, a number for whole numbers.
    fn width(&self, base: Base, width: &Argument) -> Option<i64> {
        let ExprKind::Literal(literal) = &width.value.kind else { return None };
        let width: i64 = match (&literal.kind, base) {
            (LiteralKind::Quantity { number, unit: Unit::Year }, Base::Age) => number.parse().ok()?,
            (LiteralKind::Quantity { number, unit: Unit::Month }, Base::Age) => {
                let months: i64 = number.parse().ok()?;
                (months % 12 == 0).then_some(months / 12)?
            }
            (LiteralKind::Number(number), Base::Column(..)) if self.is(base, &ColumnType::Int) => {
                number.parse().ok()?
            }
            _ => return None,
        };
        (width > 0).then_some(width)
    }

    /// An identifier is shown as a pseudonym, and only rows of people have pseudonyms.
    pub(super) fn identifiers_need_record(&mut self, shown: &[ShowGrant], level: Option<Level>) {
        if level.is_none_or(|level| level == Level::Record) {
            return;
        }
        for grant in shown {
            let identifies = match grant.what {
                Showable::Row(entity) => self.model.entity(entity).linkage != Linkage::Public,
                Showable::Value(Base::Column(entity, column)) => {
                    self.model.entity(entity).column(column).label == ColumnLabel::Identifier
                }
                Showable::Value(Base::Age) | Showable::Band(..) | Showable::Month(_) | Showable::Year(_) => {
                    false
                }
            };
            if identifies {
                self.report(
                    Diagnostic::error(
                        codes::NOT_GRANTABLE,
                        "identifiers are shown at level record only",
                        grant.range,
                        "an identifier",
                    )
                    .note("there they leave as pseudonyms; below that level no row belongs to one person"),
                );
            }
        }
    }
}
