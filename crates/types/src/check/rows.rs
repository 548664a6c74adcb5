//! Rows and what takes them: conditions in parentheses, `in`, quantifiers, counts.

use super::effects::EffectScope;
use super::expr::truth;
use super::scope::Frame;
use super::{Checked, Checker};
use crate::query::{CodeTest, Count, Expr, GeneCodes, Kind, Row, Rows, RowsSource, Value};
use crate::ty::Type;
use diag::{Code, Diagnostic};
use model::ColumnLabel;
use syntax::tree::{self, CountBound, ObservedHow, Quantifier, Set, Window};
use text::Range;

impl Checker<'_> {
    /// Narrows rows by a condition typed on one of them.
    pub(crate) fn narrowed(&mut self, rows: &mut Rows, condition: &tree::Expr) -> Option<()> {
        let step = rows.steps.last()?;
        let call = match &step.source {
            RowsSource::Carried { call } => self.call_row(*call),
            RowsSource::Relation(..) | RowsSource::Episodes { .. } | RowsSource::Inherited(_) => None,
        };
        let row = step.row.clone();
        self.frames.push(Frame { row: row.clone(), names: Vec::new(), index: None, call });
        self.effects.push(EffectScope::new(row));
        let checked = self.condition(condition);
        let scope = self.effects.pop();
        self.frames.pop();
        let condition = match scope {
            Some(scope) => self.close_effects(scope, checked?),
            None => checked?,
        };
        rows.steps.last_mut()?.conditions.push(condition);
        Some(())
    }

    /// `value in SET (condition) windows`
    pub(crate) fn is_in(
        &mut self,
        value: &tree::Expr,
        negated: bool,
        set: &Set,
        condition: Option<&tree::Expr>,
        windows: &[Window],
        range: Range,
    ) -> Checked {
        let value_range = self.range(value.span);
        let left = self.expr(value, None);
        if let Checked::Many(mut rows, tail) = left {
            if !matches!(*tail, Checked::Row(..)) {
                self.grain(&rows, &tail, value_range);
                return Checked::Error;
            }
            if negated {
                self.report(
                    Diagnostic::error(
                        Code("E0204"),
                        "`not in` tests a value, and these are rows",
                        value_range,
                        "rows",
                    )
                    .help("`no … in …` says that there is no such row"),
                );
                return Checked::Error;
            }
            let coded = rows.steps.last().and_then(|step| {
                let entity = self.model().entity(step.row.entity);
                entity.coded_by.map(|column| super::scope::column_type(entity.column(column)))
            });
            let right = self.set(set, coded.as_ref());
            let range = self.range(set.span);
            if self.rows_in(&mut rows, right, range).is_none() {
                return Checked::Error;
            }
            if let Some(condition) = condition
                && self.narrowed(&mut rows, condition).is_none()
            {
                return Checked::Error;
            }
            return self.windows(Checked::Many(rows, tail), windows, range);
        }
        if let Some(condition) = condition {
            let at = self.range(condition.span);
            self.error("E0204", "parentheses narrow rows, and there is one value here", at, "a condition");
            return Checked::Error;
        }
        let tested = self.value_in(left, set, value_range, range);
        let Checked::One(test) = tested else { return Checked::Error };
        let test = if negated { truth(test.label, Kind::Not(Box::new(test)), range) } else { test };
        if windows.is_empty() {
            return Checked::One(test);
        }
        self.windows(Checked::One(test), windows, range)
    }

    /// Rows whose code is in a set.
    fn rows_in(&mut self, rows: &mut Rows, right: Checked, range: Range) -> Option<()> {
        let step = rows.steps.last()?;
        let row = step.row.clone();
        let entity = self.model().entity(row.entity);
        match right {
            Checked::Codes(test, at) => {
                let coded_by = entity.coded_by.filter(|_| self.episodes.get(&row.id) != Some(&false));
                let Some(coded_by) = coded_by else {
                    let name =
                        if self.is_episode(&row) { "episodes".to_owned() } else { entity.plural.clone() };
                    self.report(
                        Diagnostic::error(
                            Code("E0412"),
                            format!("{name} have no code"),
                            at,
                            "rows of this kind are not coded",
                        )
                        .help("a condition in parentheses narrows them"),
                    );
                    return None;
                };
                let code = self.column(&row, coded_by, at);
                let test = self.code_test(&code, test, at)?;
                rows.steps.last_mut()?.conditions.push(test);
                Some(())
            }
            Checked::GeneCodes(gene, codes, at) if entity.coded_by.is_some() => {
                let code = self.column(&row, entity.coded_by?, at);
                let test = self.gene_code_test(code, *gene, codes, at)?;
                rows.steps.last_mut()?.conditions.push(test);
                Some(())
            }
            Checked::Alleles(alleles, at) if entity.name == "variant" => {
                let test = truth(ColumnLabel::Public, Kind::IsAllele(row, alleles), at);
                rows.steps.last_mut()?.conditions.push(test);
                Some(())
            }
            Checked::Region(region, at) if entity.name == "variant" => {
                let test = truth(ColumnLabel::Public, Kind::InRegion(row, region), at);
                rows.steps.last_mut()?.conditions.push(test);
                Some(())
            }
            Checked::Error => None,
            Checked::One(_)
            | Checked::Between(..)
            | Checked::Row(..)
            | Checked::Many(..)
            | Checked::Picked(..)
            | Checked::List(..)
            | Checked::Alleles(..)
            | Checked::Region(..)
            | Checked::GeneCodes(..)
            | Checked::Cohort(..)
            | Checked::Table(..) => {
                let name = entity.plural.clone();
                let diagnostic = Diagnostic::error(
                    Code("E0412"),
                    format!("{name} cannot be in this"),
                    range,
                    "a set of codes was expected",
                );
                let system = entity.coded_by.map(|column| &entity.column(column).ty);
                self.report(match system {
                    Some(model::ColumnType::Code(system)) => diagnostic
                        .help(format!("a code is written with its system and without quotes: `{system}:…`")),
                    Some(_) | None => diagnostic,
                });
                None
            }
        }
    }

    /// A stored code against a set: the systems must be the same.
    pub(crate) fn code_test(&mut self, code: &Expr, test: CodeTest, at: Range) -> Option<Expr> {
        let Type::Code(system) = &code.ty else { return None };
        if *system != test.system {
            let coded = match &code.kind {
                Kind::Column(row, column) => {
                    let entity = self.model().entity(row.entity);
                    if entity.coded_by == Some(*column) {
                        format!("{} are coded in {system}", entity.plural)
                    } else {
                        format!("`{}` is coded in {system}", entity.column(*column).name)
                    }
                }
                _ => format!("this is coded in {system}"),
            };
            let relation = self.relation_coded_in(&test.system);
            let mut diagnostic = Diagnostic::error(
                Code("E0413"),
                format!("{coded}; {} is another system", test.system),
                at,
                format!("a code of {}", test.system),
            )
            .note("code systems do not mix; a mapping between two is data of its own");
            if let Some(relation) = relation {
                diagnostic = diagnostic.help(format!(
                    "{} are coded in {}: `{relation} in {}`",
                    self.plural(&relation),
                    test.system,
                    self.words(at)
                ));
            }
            self.report(diagnostic.help(format!("here, use a code of {system}")));
            return None;
        }
        Some(truth(code.label, Kind::InCodes(Box::new(code.clone()), test), at))
    }

    /// A stored code against the codes of a gene.
    fn gene_code_test(&mut self, code: Expr, gene: Expr, codes: GeneCodes, at: Range) -> Option<Expr> {
        if code.ty != Type::Code(codes.system.clone()) {
            let system = &codes.system;
            self.report(
                Diagnostic::error(
                    Code("E0413"),
                    format!("genes are annotated with {system}, and this is {}", code.ty),
                    at,
                    format!("codes of {system}"),
                )
                .note("code systems do not mix; a mapping between two is data of its own"),
            );
            return None;
        }
        let label = code.label.max(gene.label);
        let kind = Kind::InGeneCodes { code: Box::new(code), gene: Box::new(gene), annotation: codes };
        Some(truth(label, kind, at))
    }

    /// What stands at a place, if that is short; else an ellipsis.
    fn words(&self, at: Range) -> &str {
        let tape = &self.parsed.tape;
        let words = tape.source().get(at.start as usize..at.end as usize).filter(|_| at.file == tape.file());
        words.filter(|words| words.len() <= 40 && !words.contains('\n')).unwrap_or("…")
    }

    fn plural(&self, name: &str) -> String {
        self.model().find(name).map_or_else(|| name.to_owned(), |id| self.model().entity(id).plural.clone())
    }

    fn relation_coded_in(&self, system: &str) -> Option<String> {
        self.model().ids().map(|id| self.model().entity(id)).find_map(|entity| {
            let coded_by = entity.coded_by?;
            (entity.column(coded_by).ty == model::ColumnType::Code(system.to_owned()))
                .then(|| entity.name.clone())
        })
    }

    /// A value in a set.
    fn value_in(&mut self, left: Checked, set: &Set, left_range: Range, range: Range) -> Checked {
        if let Checked::Row(row, at) = &left {
            let (row, at) = (row.clone(), *at);
            return self.row_in(&row, at, set, range);
        }
        let Some(value) = self.one(left, left_range) else {
            let _ = self.set(set, Some(&Type::Unknown));
            return Checked::Error;
        };
        let expected = value.ty.clone();
        let right = self.set(set, Some(&expected));
        match right {
            Checked::Codes(test, at) => {
                if !matches!(value.ty, Type::Code(_)) {
                    self.report(
                        Diagnostic::error(
                            Code("E0201"),
                            format!("{} is tested against codes", value.ty),
                            value.range,
                            "not a code",
                        )
                        .label(at, format!("codes of {}", test.system)),
                    );
                    return Checked::Error;
                }
                self.code_test(&value, test, at).map_or(Checked::Error, Checked::One)
            }
            Checked::GeneCodes(gene, codes, at) => {
                self.gene_code_test(value, *gene, codes, at).map_or(Checked::Error, Checked::One)
            }
            Checked::List(values, at) => {
                let mut literals = Vec::new();
                for entry in values {
                    let Checked::One(entry) = entry else {
                        self.error(
                            "E0201",
                            "this list does not hold values of one type",
                            at,
                            "a list of values was expected",
                        );
                        return Checked::Error;
                    };
                    match (&entry.kind, entry.ty == value.ty) {
                        (Kind::Literal(literal), true) => literals.push(literal.clone()),
                        _ if entry.ty == Type::Text && matches!(value.ty, Type::Gene | Type::Enum(_)) => {
                            let diagnostic = self.quoted(&value.ty, &entry);
                            self.report(diagnostic);
                            return Checked::Error;
                        }
                        _ => {
                            let (a, b) = (entry.ty.to_string(), value.ty.to_string());
                            self.report(
                                Diagnostic::error(
                                    Code("E0201"),
                                    format!("this list holds {a}, and it is compared with {b}"),
                                    entry.range,
                                    a,
                                )
                                .label(value.range, b),
                            );
                            return Checked::Error;
                        }
                    }
                }
                literals.sort();
                literals.dedup();
                Checked::One(truth(value.label, Kind::InValues(Box::new(value), literals), range))
            }
            Checked::Table(table, column, at) => self.in_table(value, (table, column, at), range),
            Checked::Error => Checked::Error,
            Checked::One(other) => {
                self.report(
                    Diagnostic::error(
                        Code("E0204"),
                        "`in` needs a set, and this is one value",
                        other.range,
                        other.ty.to_string(),
                    )
                    .help("compare one value with `=`"),
                );
                Checked::Error
            }
            Checked::Row(..)
            | Checked::Many(..)
            | Checked::Picked(..)
            | Checked::Alleles(..)
            | Checked::Between(..)
            | Checked::Region(..)
            | Checked::Cohort(..) => {
                self.error(
                    "E0201",
                    format!("{} cannot be in this", value.ty),
                    range,
                    "a list of values was expected",
                );
                Checked::Error
            }
        }
    }

    /// A row in a set: a variant among alleles, a subject in a cohort.
    fn row_in(&mut self, row: &Row, at: Range, set: &Set, range: Range) -> Checked {
        let entity = self.model().entity(row.entity).name.clone();
        match self.set(set, Some(&Type::Allele)) {
            Checked::Alleles(alleles, _) if entity == "variant" => {
                Checked::One(truth(ColumnLabel::Public, Kind::IsAllele(row.clone(), alleles), range))
            }
            Checked::Region(region, _) if entity == "variant" => {
                Checked::One(truth(ColumnLabel::Public, Kind::InRegion(row.clone(), region), range))
            }
            Checked::Cohort(cohort, _) if self.model().subject() == Some(row.entity) => {
                Checked::One(truth(ColumnLabel::Sensitive, Kind::InCohort(row.clone(), cohort), range))
            }
            Checked::Error => Checked::Error,
            Checked::One(_)
            | Checked::Between(..)
            | Checked::Row(..)
            | Checked::Many(..)
            | Checked::Picked(..)
            | Checked::Codes(..)
            | Checked::List(..)
            | Checked::Alleles(..)
            | Checked::Region(..)
            | Checked::GeneCodes(..)
            | Checked::Cohort(..)
            | Checked::Table(..) => {
                self.report(
                    Diagnostic::error(Code("E0201"), format!("{} cannot be in this", super::scope::article(&entity)), at, "a row")
                        .help("a variant is in a list of alleles or a region, a subject in a cohort; rows are tested by their columns"),
                );
                Checked::Error
            }
        }
    }

    /// `has`, `no`, `excludes`.
    pub(crate) fn quantified(&mut self, quantifier: Quantifier, rows: &tree::Expr, range: Range) -> Checked {
        if quantifier == Quantifier::Excludes {
            return self.excludes(rows, range);
        }
        let Some(mut rows) = self.rows(rows, "`has` and `no` ask for rows") else { return Checked::Error };
        if rows.each_other != crate::query::EachOther::default() {
            self.report(
                Diagnostic::error(
                    Code("E0216"),
                    "`has` and `no` ask for one row, and this relates rows to each other",
                    range,
                    "of a count only",
                )
                .help("it belongs to a count: `at least 2 visits on different days`"),
            );
            return Checked::Error;
        }
        if self.assessed(&mut rows, range).is_none() {
            return self.broken();
        }
        let label = rows_label(&rows);
        let has = truth(label, Kind::Has(Box::new(rows)), range);
        Checked::One(match quantifier {
            Quantifier::No => truth(label, Kind::Not(Box::new(has)), range),
            Quantifier::Has | Quantifier::Excludes => has,
        })
    }

    /// Rows that are expected, or a diagnostic.
    pub(crate) fn rows(&mut self, expr: &tree::Expr, rule: &str) -> Option<Rows> {
        let range = self.range(expr.span);
        match self.expr(expr, None) {
            Checked::Many(rows, tail) => match *tail {
                Checked::Row(..) => Some(*rows),
                Checked::One(Expr { range: at, .. }) | Checked::Between(_, at) => {
                    self.report(
                        Diagnostic::error(
                            Code("E0301"),
                            format!("{rule}, and this is a column of them"),
                            at,
                            "a column",
                        )
                        .help("leave the column out, or test it in parentheses after the rows"),
                    );
                    None
                }
                _ => None,
            },
            Checked::Error => None,
            Checked::One(value) => {
                let help = if value.ty == Type::Bool {
                    "a truth value stands alone, or after `not`"
                } else {
                    "compare the value; `… is known` says whether there is one"
                };
                self.report(
                    Diagnostic::error(
                        Code("E0301"),
                        format!("{rule}, and this is one value"),
                        value.range,
                        value.ty.to_string(),
                    )
                    .help(help),
                );
                None
            }
            Checked::Row(row, at) => {
                let name = self.model().entity(row.entity).name.clone();
                self.report(
                    Diagnostic::error(
                        Code("E0301"),
                        format!("{rule}, and there is exactly one {name} here"),
                        at,
                        "one row",
                    )
                    .help("test a column of it instead"),
                );
                None
            }
            Checked::Between(_, at) => {
                self.report(
                    Diagnostic::error(
                        Code("E0301"),
                        format!("{rule}, and this is one value"),
                        at,
                        "an interval",
                    )
                    .help("compare the value; `… is known` says whether there is one"),
                );
                None
            }
            Checked::Picked(_, _, _, at) => {
                self.report(
                    Diagnostic::error(
                        Code("E0301"),
                        format!("{rule}, and this is one picked row"),
                        at,
                        "one row or none",
                    )
                    .help("`… is known` on a column of it says whether there is one"),
                );
                None
            }
            Checked::Codes(_, at)
            | Checked::List(_, at)
            | Checked::Alleles(_, at)
            | Checked::Region(_, at)
            | Checked::GeneCodes(_, _, at)
            | Checked::Cohort(_, at)
            | Checked::Table(_, _, at) => {
                self.report(
                    Diagnostic::error(Code("E0301"), format!("{rule}, and this is a set"), at, "which rows?")
                        .help("name the rows before it: `diagnosis in …`, `phenotype in …`, `variant in …`"),
                );
                let _ = range;
                None
            }
        }
    }

    /// `at least n R`
    pub(crate) fn counted(
        &mut self,
        count: tree::Count,
        bound: &CountBound,
        rows: &tree::Expr,
        range: Range,
    ) -> Checked {
        let bound = self.bound(bound);
        let rows = self.rows(rows, "a count takes rows");
        let (Some(bound), Some(mut rows)) = (bound, rows) else { return Checked::Error };
        if self.assessed(&mut rows, range).is_none() {
            return self.broken();
        }
        let label = rows_label(&rows);
        Checked::One(truth(label, Kind::Counted(count_of(count), bound, Box::new(rows)), range))
    }

    /// `at least n of [a, b]`
    pub(crate) fn counted_of(
        &mut self,
        count: tree::Count,
        bound: &CountBound,
        truths: &tree::List,
        range: Range,
    ) -> Checked {
        let bound = self.bound(bound);
        let mut parts = Vec::new();
        let mut whole = true;
        for entry in &truths.entries {
            match entry {
                tree::Entry::Expr(expr) => match self.condition(expr) {
                    Some(part) => parts.push(part),
                    None => whole = false,
                },
                tree::Entry::Only(_, span) | tree::Entry::Range(_, _, span) => {
                    let at = self.range(*span);
                    self.error("E0202", "a condition was expected", at, "a code");
                    whole = false;
                }
            }
        }
        let (Some(bound), true) = (bound, whole) else { return Checked::Error };
        let label = super::expr::join(&parts);
        Checked::One(truth(label, Kind::CountedOf(count_of(count), bound, parts), range))
    }

    fn bound(&mut self, bound: &CountBound) -> Option<i64> {
        match bound {
            CountBound::Number(number) => number.digits.replace('_', "").parse().ok(),
            CountBound::Name(name) => {
                let range = self.range(name.span);
                match self.name(name, Some(&Type::Int)) {
                    Checked::One(Expr { kind: Kind::Literal(Value::Int(int)), .. }) => Some(int),
                    Checked::Error => None,
                    _ => {
                        self.error(
                            "E0201",
                            "a count needs a whole number",
                            range,
                            "not a parameter of type int",
                        );
                        None
                    }
                }
            }
        }
    }

    /// `observed n before D`, `observed a .. b`
    pub(crate) fn observed(
        &mut self,
        first: &tree::Expr,
        how: ObservedHow,
        second: &tree::Expr,
        range: Range,
    ) -> Checked {
        let bounds = match how {
            ObservedHow::Range => match (self.days(first), self.days(second)) {
                (Some((from, _)), Some((_, to))) => Some((from, to)),
                (Some(_) | None, Some(_) | None) => None,
            },
            ObservedHow::Before | ObservedHow::After => match (self.length(first), self.days(second)) {
                (Some(length), Some((day, _))) => {
                    let back = how == ObservedHow::Before;
                    let moved = self.shifted(&day, &length, back);
                    Some(if back { (moved, day) } else { (day, moved) })
                }
                (Some(_) | None, Some(_) | None) => None,
            },
        };
        let Some((from, to)) = bounds else { return Checked::Error };
        let Some(subject) = self.subject_row() else {
            self.error(
                "E0112",
                "`observed` needs a subject, and there is none here",
                range,
                "whose observation?",
            );
            return Checked::Error;
        };
        let label = from.label.max(to.label).max(ColumnLabel::Quasi);
        Checked::One(truth(label, Kind::Observed { subject, from: Box::new(from), to: Box::new(to) }, range))
    }

    /// `consent valid [at E] [for P]`
    pub(crate) fn consent_valid(
        &mut self,
        at: Option<&tree::Expr>,
        purpose: Option<&tree::Path>,
        range: Range,
    ) -> Checked {
        let date = match at {
            Some(at) => match self.days(at) {
                Some((day, _)) => Some(Box::new(day)),
                None => return Checked::Error,
            },
            None => None,
        };
        let row = self
            .frames
            .iter()
            .rev()
            .find(|frame| {
                !self.is_episode(&frame.row) && self.model().entity(frame.row.entity).name == "sample"
            })
            .map(|frame| frame.row.clone());
        let Some(row) = row.or_else(|| self.subject_row()) else {
            self.error(
                "E0112",
                "`consent valid` needs a subject or a sample, and there is none here",
                range,
                "whose consent?",
            );
            return Checked::Error;
        };
        let purpose = purpose.and_then(|path| path.names.last()).map(|name| name.text.clone());
        Checked::One(truth(ColumnLabel::Sensitive, Kind::ConsentValid { row, at: date, purpose }, range))
    }

    /// The subject of the innermost row that has one.
    pub(crate) fn subject_row(&self) -> Option<Row> {
        let subject = self.model().subject()?;
        self.frames.iter().rev().filter(|frame| !self.is_episode(&frame.row)).find_map(|frame| {
            if frame.row.entity == subject {
                return Some(frame.row.clone());
            }
            match &self.model().entity(frame.row.entity).linkage {
                model::Linkage::Of(paths) => match paths.as_slice() {
                    [path] => {
                        let mut row = frame.row.clone();
                        for step in path {
                            let target = self.model().entity(row.entity).relation(*step).target;
                            row = row.hop(*step, target);
                        }
                        Some(row)
                    }
                    _ => None,
                },
                model::Linkage::Public | model::Linkage::Subject | model::Linkage::Aggregate => None,
            }
        })
    }
}

pub(crate) fn rows_label(rows: &Rows) -> ColumnLabel {
    rows.steps
        .iter()
        .flat_map(|step| step.conditions.iter())
        .map(|condition| condition.label)
        .max()
        .unwrap_or(ColumnLabel::Public)
        .max(ColumnLabel::Sensitive)
}

fn count_of(count: tree::Count) -> Count {
    match count {
        tree::Count::AtLeast => Count::AtLeast,
        tree::Count::AtMost => Count::AtMost,
        tree::Count::Exactly => Count::Exactly,
    }
}
