//! What of a value leaves, as a group key or as a shown column.
//!
//! What a value only tests on the way is a condition, found by `walk`. In a row of a person the answer of a test
//! leaves too, and with it all that the test reads.

use super::walk::{Found, Place, Walk};
use crate::agreement::{Base, Showable};
use model::{ColumnId, ColumnLabel, ColumnType, EntityId};
use text::Range;
use types::{Expr, GroupKey, Kind, Nested, Row};

/// Something that leaves, with the grants of which one must be there.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    pub(super) what: Leaves,
    pub(super) range: Range,
    /// Whether it is not the value itself, but something that was tested for it.
    tested: bool,
}

#[derive(Clone, Debug)]
pub(super) enum Leaves {
    /// A value: one of these is granted.
    Any(Vec<Showable>),
    /// A row's own key, which leaves as a pseudonym.
    Pseudonym(EntityId),
    /// Another identifier: granted by name, and leaves as a pseudonym.
    Identifier(EntityId, ColumnId),
    /// That there are rows, or how many: something of the entity is granted.
    Rows(EntityId),
    /// A value that no line of an agreement can name.
    Computed,
}

/// How tests inside a value count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Inside {
    /// In a group key: the domain is closed, so a test only sorts people; it needs a grant to test.
    Tested,
    /// In a row of a person: the answer of a test is a fact about that person, and leaves.
    Shown,
}

impl Walk<'_> {
    /// Group keys: each makes rows of the result, shown or not.
    pub(super) fn keys(&mut self, keys: &[GroupKey]) {
        for key in keys {
            let from = self.leaves.len();
            self.value(&key.value, Inside::Tested);
            let leaves = self.leaves.split_off(from);
            self.keys.push((key.clone(), leaves));
        }
    }

    /// Rows that are shown of a row: that they are there leaves, and what is shown of each.
    pub(super) fn nested(&mut self, nested: &Nested, range: Range) {
        self.inner(Inside::Shown, |walk| walk.rows(&nested.rows, range));
        for (_, value) in &nested.columns {
            self.value(value, Inside::Shown);
        }
    }

    fn leaf(&mut self, what: Leaves, range: Range) {
        self.leaves.push(Leaf { what, range, tested: false });
    }

    /// Finds what of a value leaves.
    pub(super) fn value(&mut self, expr: &Expr, inside: Inside) {
        let range = expr.range;
        match &expr.kind {
            Kind::Literal(_) | Kind::Null => {}
            Kind::Column(row, column) => {
                let Some(place) = self.quiet_place(row, range) else { return };
                let found = if self.is_linked(place.entity) {
                    Found::Column(place.entity, *column)
                } else if place.linked {
                    Found::Public(place.entity, Some(*column), place.through)
                } else {
                    return;
                };
                self.leaf_of(&found, range);
            }
            Kind::Key(row) => {
                let Some(place) = self.quiet_place(row, range) else { return };
                let found = if self.is_linked(place.entity) {
                    Found::Key(place.entity)
                } else if place.linked {
                    Found::Public(place.entity, None, place.through)
                } else {
                    return;
                };
                self.leaf_of(&found, range);
            }
            Kind::Index(row) => self.index(*row, range, Some(inside)),
            Kind::Exit(row, part) => self.exit(*row, *part, range, Some(inside)),
            Kind::Episode(row, bound) => {
                let dated = self.model.entity(row.entity).dated_by;
                match dated {
                    Some(dated) => {
                        let column = Kind::Column(row.clone(), super::walk::day_of(dated, *bound));
                        self.value(&Expr { kind: column, ..expr.clone() }, inside);
                    }
                    None => self.leaf(Leaves::Computed, range),
                }
            }
            Kind::OrElse(inner, _) | Kind::ToDecimal(inner) | Kind::InUnit(inner, _) => {
                self.value(inner, inside);
            }
            Kind::Case(arms, otherwise) => {
                for (when, then) in arms {
                    self.inner(inside, |walk| walk.test(when));
                    self.value(then, inside);
                }
                self.value(otherwise, inside);
            }
            Kind::Arithmetic(_, left, right)
            | Kind::AddDays(left, right)
            | Kind::AddMonths(left, right)
            | Kind::DaysBetween(left, right) => {
                self.value(left, inside);
                self.value(right, inside);
            }
            Kind::AgeAt(row, date) => {
                if let Some(place) = self.place(row, range) {
                    self.guard(place.entity);
                    self.leaf(Leaves::Any(vec![Showable::Value(Base::Age)]), range);
                }
                self.inner(inside, |walk| walk.test(date));
            }
            Kind::Zygosity(row) => {
                self.place(row, range);
                let call = self.model.find("call");
                let column = call.and_then(|call| Some((call, self.model.entity(call).find_column("call")?)));
                match column {
                    Some((call, column)) => {
                        self.leaf(Leaves::Any(vec![Showable::Value(Base::Column(call, column))]), range);
                    }
                    None => self.leaf(Leaves::Computed, range),
                }
            }
            Kind::MonthOf(date) => {
                self.general(date, inside, range, |base| vec![Showable::Month(base), Showable::Value(base)]);
            }
            Kind::YearOf(date) => self.general(date, inside, range, |base| {
                vec![Showable::Year(base), Showable::Month(base), Showable::Value(base)]
            }),
            // Bands of other widths, laid over each other, would single people out: only the declared ones.
            Kind::Band(number, width) => {
                self.general(number, inside, range, |base| vec![Showable::Band(base, *width)]);
            }
            Kind::Pick { rows, order, value } => {
                // Which row it is depends on what narrows and orders the rows.
                self.inner(inside, |walk| walk.picked(rows, order, range));
                self.value(value, inside);
            }
            Kind::Aggregate { .. } => match inside {
                Inside::Shown => self.inner(inside, |walk| walk.test(expr)),
                Inside::Tested => {
                    self.test(expr);
                    self.leaf(Leaves::Computed, range);
                }
            },
            Kind::And(_)
            | Kind::Or(_)
            | Kind::Not(_)
            | Kind::Compare(..)
            | Kind::CompareQuantity { .. }
            | Kind::InCodes(..)
            | Kind::InGeneCodes { .. }
            | Kind::InValues(..)
            | Kind::InTable { .. }
            | Kind::IsAllele(..)
            | Kind::InRegion(..)
            | Kind::InCohort(..)
            | Kind::IsKnown(_)
            | Kind::Has(_)
            | Kind::Counted(..)
            | Kind::CountedOf(..)
            | Kind::Observed { .. }
            | Kind::ConsentValid { .. } => self.inner(inside, |walk| walk.test(expr)),
        }
    }

    /// Where a row stands, of a value that is shown: the keys on the way are granted with it.
    fn quiet_place(&mut self, row: &Row, range: Range) -> Option<Place> {
        let before = self.found.len();
        let place = self.place(row, range);
        if place.is_some() {
            let rows = |found: &(Found, Range)| !matches!(found.0, Found::Column(..));
            let kept: Vec<_> = self.found.drain(before..).filter(rows).collect();
            self.found.extend(kept);
        }
        if let Some(place) = &place
            && self.is_linked(place.entity)
        {
            self.guard(place.entity);
        }
        place
    }

    /// A generalisation of a value: a declared one, of something that has a name.
    fn general(&mut self, of: &Expr, inside: Inside, range: Range, grants: impl Fn(Base) -> Vec<Showable>) {
        let before = self.leaves.len();
        self.value(of, inside);
        let plain = self.is_plain(of, self.query.cohorts.len());
        for leaf in self.leaves.split_off(before) {
            if leaf.tested {
                self.leaves.push(leaf);
                continue;
            }
            let base = match &leaf.what {
                Leaves::Any(showables) => showables.iter().find_map(|showable| match showable {
                    Showable::Value(base) => Some(*base),
                    Showable::Row(_) | Showable::Band(..) | Showable::Month(_) | Showable::Year(_) => None,
                }),
                Leaves::Pseudonym(_) | Leaves::Identifier(..) | Leaves::Rows(_) | Leaves::Computed => None,
            };
            let what = match base {
                Some(base) if plain => Leaves::Any(grants(base)),
                Some(_) => Leaves::Computed,
                None => leaf.what,
            };
            self.leaf(what, range);
        }
    }

    /// Tests inside a value.
    pub(super) fn inner(&mut self, inside: Inside, test: impl FnOnce(&mut Self)) {
        let (before, leaves) = (self.found.len(), self.leaves.len());
        test(self);
        match inside {
            Inside::Tested => {}
            Inside::Shown => {
                let found: Vec<(Found, Range)> = self.found[before..].to_vec();
                for (found, range) in found {
                    self.leaf_of(&found, range);
                }
                for leaf in self.leaves.iter_mut().skip(leaves) {
                    leaf.tested = true;
                }
            }
        }
    }

    /// What leaves when something found is shown.
    fn leaf_of(&mut self, found: &Found, range: Range) {
        let what = match found {
            Found::Rows(entity) => Leaves::Rows(*entity),
            Found::Column(entity, column) if self.model.is_derived(*entity) => {
                self.leaf_of_derived(*entity, *column)
            }
            Found::Column(entity, column) => {
                let declared = self.model.entity(*entity);
                match declared.column(*column).label {
                    ColumnLabel::Identifier if declared.key == [*column] => Leaves::Pseudonym(*entity),
                    ColumnLabel::Identifier => Leaves::Identifier(*entity, *column),
                    ColumnLabel::Public
                    | ColumnLabel::General
                    | ColumnLabel::Quasi
                    | ColumnLabel::Sensitive => {
                        Leaves::Any(vec![Showable::Value(Base::Column(*entity, *column))])
                    }
                }
            }
            Found::Age(_) => Leaves::Any(vec![Showable::Value(Base::Age)]),
            Found::Public(entity, column, through) => {
                // Who may see the row may see what is publicly known of it.
                let mut any: Vec<Showable> =
                    column.iter().map(|column| Showable::Value(Base::Column(*entity, *column))).collect();
                any.push(Showable::Row(*entity));
                any.extend(
                    through.iter().filter(|other| *other != entity).map(|other| Showable::Row(*other)),
                );
                Leaves::Any(any)
            }
            Found::Key(entity) => Leaves::Pseudonym(*entity),
            Found::Consent(_) | Found::Unplaced => Leaves::Computed,
            Found::Cohort(cohort) => {
                // That somebody is a member tells what the cohort's rules test.
                self.members(*cohort);
                return;
            }
        };
        self.leaf(what, range);
    }

    /// What the compiler makes of genotypes: who may see calls may see it, and who may see the alleles that
    /// people carry may see in which genes they are.
    fn leaf_of_derived(&self, entity: EntityId, column: ColumnId) -> Leaves {
        let declared = self.model.entity(entity).column(column);
        if declared.label == ColumnLabel::Identifier {
            return Leaves::Computed;
        }
        let column_of = |name: &str, column: &str| {
            let entity = self.model.find(name)?;
            let column = self.model.entity(entity).find_column(column)?;
            Some(Showable::Value(Base::Column(entity, column)))
        };
        let any: Vec<Showable> = if declared.ty == ColumnType::Gene {
            let rows = ["effect", "variant"].into_iter().filter_map(|name| self.model.find(name));
            column_of("effect", "gene").into_iter().chain(rows.map(Showable::Row)).collect()
        } else {
            column_of("call", "call").into_iter().collect()
        };
        if any.is_empty() { Leaves::Computed } else { Leaves::Any(any) }
    }

    /// Whether a value is read as it stands, so that a line of an agreement can name it: bands of a sum are not
    /// bands of its parts.
    fn is_plain(&self, expr: &Expr, depth: usize) -> bool {
        match &expr.kind {
            Kind::Column(..) | Kind::Episode(..) | Kind::AgeAt(..) => true,
            Kind::Index(row) => {
                depth > 0 && self.index_of(*row).is_some_and(|index| self.is_plain(&index.date, depth - 1))
            }
            Kind::Exit(row, types::ExitPart::Date) => {
                let exit = self.exit_of(*row).filter(|_| depth > 0);
                exit.is_some_and(|exit| exit.dates.iter().all(|(_, date)| self.is_plain(date, depth - 1)))
            }
            Kind::OrElse(inner, _)
            | Kind::ToDecimal(inner)
            | Kind::InUnit(inner, _)
            | Kind::Pick { value: inner, .. } => self.is_plain(inner, depth),
            Kind::Literal(_)
            | Kind::Null
            | Kind::Key(_)
            | Kind::Exit(_, types::ExitPart::Reason)
            | Kind::And(_)
            | Kind::Or(_)
            | Kind::Not(_)
            | Kind::Compare(..)
            | Kind::CompareQuantity { .. }
            | Kind::InCodes(..)
            | Kind::InGeneCodes { .. }
            | Kind::InValues(..)
            | Kind::InTable { .. }
            | Kind::IsAllele(..)
            | Kind::InRegion(..)
            | Kind::InCohort(..)
            | Kind::IsKnown(_)
            | Kind::Case(..)
            | Kind::Arithmetic(..)
            | Kind::AddDays(..)
            | Kind::AddMonths(..)
            | Kind::DaysBetween(..)
            | Kind::Zygosity(_)
            | Kind::MonthOf(_)
            | Kind::YearOf(_)
            | Kind::Band(..)
            | Kind::Has(_)
            | Kind::Counted(..)
            | Kind::CountedOf(..)
            | Kind::Aggregate { .. }
            | Kind::Observed { .. }
            | Kind::ConsentValid { .. } => false,
        }
    }
}
