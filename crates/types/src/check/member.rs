//! What follows a dot, and what a bare name with parentheses is.

use super::effects::EffectScope;
use super::expr::truth;
use super::interval::{Ends, decided, ends_of};
use super::modules::has_history;
use super::scope::{Frame, literal_date};
use super::{Checked, Checker, with_near};
use crate::query::{
    EachOther, Expr, GeneCodes, Kind, PickOrder, Row, RowId, Rows, RowsSource, RowsStep, Value,
};
use crate::ty::{EnumType, Type};
use diag::{Code, Diagnostic};
use model::ColumnLabel;
use std::sync::Arc;
use syntax::tree::{self, ExprKind, Name};
use text::Range;

impl Checker<'_> {
    /// `of.name` or `of.name(condition)`.
    pub(crate) fn member_call(&mut self, of: Checked, call: &tree::Call) -> Checked {
        let outer = std::mem::replace(&mut self.pending, call.arguments.clone());
        let checked = self.member(of, &call.name);
        // A definition with parameters has taken them.
        let taken = std::mem::replace(&mut self.pending, outer).is_none();
        match &call.arguments {
            Some(arguments) if !taken => self.with_arguments(checked, arguments, call),
            Some(_) | None => checked,
        }
    }

    /// `name` or `name(arguments)`: a function, rows with a condition, or a definition.
    pub(crate) fn call(&mut self, call: &tree::Call, expected: Option<&Type>) -> Checked {
        let Some(arguments) = &call.arguments else { return self.name(&call.name, expected) };
        if let Some(checked) = self.function(call, arguments) {
            return checked;
        }
        let outer = self.pending.replace(arguments.clone());
        let checked = self.name(&call.name, expected);
        let taken = std::mem::replace(&mut self.pending, outer).is_none();
        if taken { checked } else { self.with_arguments(checked, arguments, call) }
    }

    fn with_arguments(
        &mut self,
        checked: Checked,
        arguments: &[tree::Argument],
        call: &tree::Call,
    ) -> Checked {
        let range = self.range(call.span);
        match checked {
            Checked::Many(mut rows, tail) => {
                let [argument] = arguments else {
                    self.error(
                        "E0113",
                        "parentheses after rows hold one condition",
                        range,
                        format!("{} conditions", arguments.len()),
                    );
                    return Checked::Error;
                };
                if !matches!(*tail, Checked::Row(..)) {
                    self.error(
                        "E0204",
                        "parentheses narrow rows, and this is a column of them",
                        range,
                        "a column",
                    );
                    return Checked::Error;
                }
                match self.narrowed(&mut rows, &argument.value) {
                    Some(()) => Checked::Many(rows, tail),
                    None => Checked::Error,
                }
            }
            Checked::Error => Checked::Error,
            Checked::One(_)
            | Checked::Between(..)
            | Checked::Row(..)
            | Checked::Picked(..)
            | Checked::Codes(..)
            | Checked::List(..)
            | Checked::Alleles(..)
            | Checked::Region(..)
            | Checked::GeneCodes(..)
            | Checked::Cohort(..)
            | Checked::Table(..) => {
                self.error(
                    "E0113",
                    format!("`{}` takes no parentheses", call.name.text),
                    range,
                    "neither rows nor a function",
                );
                Checked::Error
            }
        }
    }

    /// What `name` is of the thing before the dot.
    pub(crate) fn member(&mut self, of: Checked, name: &Name) -> Checked {
        let range = self.range(name.span);
        match of {
            Checked::Row(row, _) => {
                let call = self.call_beside(&row);
                match self.member_of_row(&row, name, call.as_ref()) {
                    Some(checked) => {
                        self.note_shape(range, &checked);
                        checked
                    }
                    None => {
                        self.unknown_member(&row, name);
                        Checked::Error
                    }
                }
            }
            Checked::Many(mut rows, tail) => match self.member(*tail, name) {
                Checked::Many(further, tail) => {
                    rows.words = format!("{} of {}", further.words, rows.words);
                    rows.steps.extend(further.steps);
                    Checked::Many(rows, tail)
                }
                Checked::Error => Checked::Error,
                tail => Checked::Many(rows, Box::new(tail)),
            },
            Checked::Picked(rows, order, tail, at) => match self.member(*tail, name) {
                Checked::Error => Checked::Error,
                Checked::Many(..) => {
                    self.not_yet("rows of a picked row", range);
                    Checked::Error
                }
                tail => Checked::Picked(rows, order, Box::new(tail), at.to(range)),
            },
            Checked::Error => Checked::Error,
            Checked::Between(ends, _) => {
                let message =
                    format!("{} that is known as an interval has no `{}`", ends.earliest.ty, name.text);
                self.report(
                    Diagnostic::error(Code("E0106"), message, range, "nothing to read here")
                        .help("`earliest(…)` and `latest(…)` are its ends"),
                );
                Checked::Error
            }
            Checked::One(value) if value.ty == Type::Gene => self.codes_of_gene(value, name),
            Checked::One(value) => {
                let diagnostic = Diagnostic::error(
                    Code("E0106"),
                    format!("{} has no `{}`", value.ty, name.text),
                    range,
                    "nothing to read here",
                );
                self.report(if value.ty == Type::Date {
                    diagnostic.help("`month(…)` and `year(…)` read parts of a date")
                } else {
                    diagnostic
                });
                Checked::Error
            }
            Checked::Table(table, None, _) => self.column_of_table(table, name),
            Checked::Codes(..)
            | Checked::List(..)
            | Checked::Alleles(..)
            | Checked::Region(..)
            | Checked::GeneCodes(..)
            | Checked::Cohort(..)
            | Checked::Table(..) => {
                self.error("E0106", format!("a set has no `{}`", name.text), range, "nothing to read here");
                Checked::Error
            }
        }
    }

    /// `gene.phenotypes`: the codes that a gene is annotated with.
    fn codes_of_gene(&mut self, gene: Expr, name: &Name) -> Checked {
        let range = self.range(name.span);
        let found = self.model().ids().find_map(|id| {
            let entity = self.model().entity(id);
            let of_gene = entity.linkage == model::Linkage::Public && entity.name == "gene_phenotype";
            let code = entity.coded_by.filter(|_| of_gene && name.text == "phenotypes")?;
            let gene = (0..).map(model::ColumnId).zip(&entity.columns);
            let gene = gene.into_iter().find(|(_, column)| column.ty == model::ColumnType::Gene)?.0;
            let model::ColumnType::Code(system) = &entity.column(code).ty else { return None };
            Some(GeneCodes { entity: id, gene, code, system: system.clone() })
        });
        match found {
            Some(codes) => Checked::GeneCodes(Box::new(gene), codes, range),
            None => {
                let message = format!("a gene has no `{}`", name.text);
                self.report(
                    Diagnostic::error(Code("E0106"), message, range, "nothing to read here")
                        .help("`gene.phenotypes` are the terms that HPO annotates a gene with; a model declares them as `gene_phenotype`"),
                );
                Checked::Error
            }
        }
    }

    fn unknown_member(&mut self, row: &Row, name: &Name) {
        if self.offers_at(&name.text) {
            return self.offer_row(row.entity);
        }
        let range = self.range(name.span);
        if self.is_episode(row) {
            let called = self.row_name(row).to_owned();
            let message = format!("an {called} has no `{}`", name.text);
            let code = if called == "era" { ", and the code that its rows share" } else { "" };
            let diagnostic = Diagnostic::error(Code("E0103"), message, range, "unknown column");
            let diagnostic =
                diagnostic.note(format!("it is put together from rows; it has `started` and `ended`{code}"));
            return self.report(
                diagnostic.help("narrow the rows inside the parentheses, before they are put together"),
            );
        }
        let entity = self.model().entity(row.entity);
        let known = self.names_of(row.entity);
        let beside = self.beside(row.entity, &name.text);
        let near = match &beside {
            Some(path) => vec![path.as_str()],
            None => super::unknown::nearest(&name.text, &known),
        };
        let diagnostic = Diagnostic::error(
            Code("E0103"),
            format!("{} has no `{}`", super::scope::article(&entity.name), name.text),
            range,
            "unknown column",
        );
        let diagnostic = if near.is_empty() {
            let columns: Vec<&str> = entity.columns.iter().map(|column| column.name.as_str()).collect();
            diagnostic.note(format!("{} has {}", super::scope::article(&entity.name), columns.join(", ")))
        } else {
            with_near(diagnostic, &near)
        };
        self.report(diagnostic);
    }

    /// Names that the language gives to rows of the subject, sample, variant and call.
    pub(crate) fn built_in(&mut self, row: &Row, name: &Name, call: Option<&Row>) -> Option<Checked> {
        let range = self.range(name.span);
        let entity = self.model().entity(row.entity);
        let word = name.text.as_str();
        let is_subject = self.model().subject() == Some(row.entity);
        if is_subject && word == "age" && entity.life.birth_date.is_some() {
            return Some(self.bare_age(row, range));
        }
        if (is_subject || entity.name == "sample") && matches!(word, "variant" | "variants") {
            return self.carried(row, range);
        }
        if self.model().is_derived(row.entity) && matches!(word, "variant" | "variants") {
            return self.alleles_of_candidate(row, range);
        }
        if entity.name == "variant" {
            if let Some(column) = self.effect_column(row, word, range) {
                return Some(Checked::One(column));
            }
            if let Some(call) = call {
                if word == "zygosity" {
                    let members = ["heterozygous", "homozygous", "hemizygous"].map(str::to_owned).to_vec();
                    return Some(Checked::One(Expr {
                        kind: Kind::Zygosity(call.clone()),
                        ty: Type::Enum(Arc::new(EnumType { members, ordered: false })),
                        label: ColumnLabel::Sensitive,
                        range,
                    }));
                }
                let column = self.model().entity(call.entity).find_column(word)?;
                if matches!(word, "depth" | "quality" | "phased" | "phase_set") {
                    return Some(Checked::One(self.column(call, column, range)));
                }
            }
        }
        None
    }

    fn bare_age(&mut self, row: &Row, range: Range) -> Checked {
        if self.frames.iter().any(|frame| frame.index.is_some()) {
            self.report(
                Diagnostic::error(
                    Code("E0114"),
                    "this cohort has an index date, so `age` needs a date",
                    range,
                    "at which date?",
                )
                .fix("write `age at index`", vec![(range, "age at index".to_owned())])
                .fix("write `age at as_of`", vec![(range, "age at as_of".to_owned())]),
            );
            return Checked::Error;
        }
        let Some(as_of) = self.as_of_date("age", range) else { return Checked::Error };
        Checked::One(age_at(row.clone(), literal_date(as_of, range), range))
    }

    /// Alleles carried by a subject or in a sample.
    pub(crate) fn carried(&mut self, row: &Row, range: Range) -> Option<Checked> {
        let entity = self.model().find("variant")?;
        self.model().find("call")?;
        let call = self.fresh_row();
        let target = Row { id: self.fresh_row(), hops: Vec::new(), entity };
        // Hops before the carried alleles are kept in `around` of the first step.
        let around = row.clone();
        Some(Checked::Many(
            Box::new(Rows {
                around,
                steps: vec![RowsStep {
                    source: RowsSource::Carried { call },
                    row: target.clone(),
                    conditions: Vec::new(),
                    bounds: Vec::new(),
                }],
                each_other: EachOther::default(),
                words: "variants".to_owned(),
            }),
            Box::new(Checked::Row(target, range)),
        ))
    }

    /// The row of the call entity with an id that a carried step gave out.
    pub(crate) fn call_row(&self, id: RowId) -> Option<Row> {
        let entity = self.model().find("call")?;
        Some(Row { id, hops: Vec::new(), entity })
    }

    fn call_beside(&self, row: &Row) -> Option<Row> {
        self.frames.iter().find(|frame| frame.row == *row).and_then(|frame| frame.call.clone())
    }

    /// `excludes R in CODES`: an excluded row whose code is one of the topmost codes or above it.
    pub(crate) fn excludes(&mut self, expr: &tree::Expr, range: Range) -> Checked {
        let ExprKind::In { value, negated: false, set, condition, windows } = &expr.kind else {
            if is_variant(&expr.kind) {
                return self.excludes_variant(expr, range);
            }
            self.report(
                Diagnostic::error(
                    Code("E0304"),
                    "`excludes` needs to know what is excluded",
                    range,
                    "excludes which codes?",
                )
                .help("write `excludes phenotype in HP:…`"),
            );
            return Checked::Error;
        };
        let value_range = self.range(value.span);
        let Checked::Many(mut rows, tail) = self.expr(value, None) else {
            self.error("E0301", "`excludes` asks for rows", value_range, "not rows");
            return Checked::Error;
        };
        let Some(step) = rows.steps.last_mut() else { return Checked::Error };
        let row = step.row.clone();
        let entity = self.model().entity(row.entity);
        if self.is_episode(&row) {
            self.error("E0304", "episodes are not recorded as excluded", value_range, "put together here");
            return Checked::Error;
        }
        if entity.name == "variant" {
            return self.excludes_variant(expr, range);
        }
        let (Some(excluded), Some(coded_by)) = (entity.find_column("excluded"), entity.coded_by) else {
            let name = entity.plural.clone();
            self.report(
                Diagnostic::error(
                    Code("E0304"),
                    format!("{name} are not recorded as excluded"),
                    value_range,
                    "only what was observed is recorded",
                )
                .help("`no …` says that there is no such row"),
            );
            return Checked::Error;
        };
        // Not the observed rows, which a bare relation means, but the excluded ones.
        step.conditions.clear();
        let test = self.column(&row, excluded, range);
        let at = self.range(set.span);
        let Checked::Codes(codes, _) = self.set(set, None) else { return Checked::Error };
        let code = self.column(&row, coded_by, at);
        if self.code_test(&code, codes.clone(), at).is_none() {
            return Checked::Error;
        }
        if !codes.prefixes.is_empty() || !codes.ranges.is_empty() || codes.excluding.is_some() {
            self.error(
                "E0304",
                "`excludes` needs codes of an ontology with ancestors",
                at,
                "not a list of terms",
            );
            return Checked::Error;
        }
        let topmost = self.topmost(&codes.exact);
        // For a set: this for each topmost code of it.
        let mut claims = Vec::new();
        for top in topmost {
            let above = crate::query::CodeTest {
                system: codes.system.clone(),
                exact: self.input.vocabulary.ancestors_or_self(&top),
                ..crate::query::CodeTest::default()
            };
            let fresh = Row { id: self.fresh_row(), ..row.clone() };
            let move_row = |expr: &Expr| {
                super::rewrite::rows(expr, &|old: &Row| {
                    if old.id == row.id { Row { id: fresh.id, ..old.clone() } } else { old.clone() }
                })
            };
            let mut of_top = (*rows).clone();
            if let Some(step) = of_top.steps.last_mut() {
                step.row = fresh.clone();
                step.conditions = vec![
                    move_row(&test),
                    truth(code.label, Kind::InCodes(Box::new(move_row(&code)), above), at),
                ];
            }
            if let Some(condition) = condition
                && self.narrowed(&mut of_top, condition).is_none()
            {
                return Checked::Error;
            }
            let tail = Box::new(Checked::Row(fresh.clone(), range));
            let Checked::Many(of_top, _) =
                self.windows(Checked::Many(Box::new(of_top), tail), windows, range)
            else {
                return Checked::Error;
            };
            let label = super::rows::rows_label(&of_top);
            claims.push(truth(label, Kind::Has(of_top), range));
        }
        let _ = tail;
        let label = super::expr::join(&claims);
        Checked::One(match claims.len() {
            1 => claims.remove(0),
            _ => truth(label, Kind::And(claims), range),
        })
    }

    /// `excludes variant in [A]`, `excludes variant (variant = A)`: fully called at every named allele and no
    /// copy of any. That is what `no variant (…)` is true for; where that is unknown, nothing is excluded.
    fn excludes_variant(&mut self, expr: &tree::Expr, range: Range) -> Checked {
        let Some(rows) = self.rows(expr, "`excludes` asks for rows") else { return Checked::Error };
        let named = match rows.steps.as_slice() {
            [step] if matches!(step.source, RowsSource::Carried { .. }) => {
                !step.conditions.is_empty()
                    && step.conditions.iter().all(|condition| names_alleles(condition, &step.row))
                    && rows.each_other == EachOther::default()
            }
            _ => false,
        };
        if !named {
            self.report(
                Diagnostic::error(
                    Code("E0304"),
                    "`excludes variant` needs alleles by name, and nothing else",
                    range,
                    "excludes which alleles?",
                )
                .note("that somebody has no copy is known of an allele that was looked at, not of all alleles of a kind")
                .help("write `excludes variant in [NM_…:c.…]`, or `no variant (…)` for carried alleles of a kind"),
            );
            return Checked::Error;
        }
        let label = super::rows::rows_label(&rows);
        let has = truth(label, Kind::Has(Box::new(rows)), range);
        let none = truth(label, Kind::Not(Box::new(has)), range);
        let value = |value| truth(ColumnLabel::Public, Kind::Literal(Value::Bool(value)), range);
        Checked::One(truth(label, Kind::Case(vec![(none, value(true))], Box::new(value(false))), range))
    }

    /// Codes of the set that are below no other code of it.
    fn topmost(&self, codes: &[String]) -> Vec<String> {
        codes
            .iter()
            .filter(|code| {
                !self
                    .input
                    .vocabulary
                    .ancestors_or_self(code)
                    .iter()
                    .any(|above| above != *code && codes.binary_search(above).is_ok())
            })
            .cloned()
            .collect()
    }

    /// `P at D`: an age, or the row of a dated relation that is in force.
    pub(crate) fn at(&mut self, value: &tree::Expr, date: &tree::Expr, range: Range) -> Checked {
        let date_range = self.range(date.span);
        let day = match ends_of(self.expr(date, Some(&Type::Date))) {
            // The age at a date that is partly known lies between two ages.
            Ok(ends) if ends.earliest.ty == Type::Date => match self.who_ages(value) {
                Some(Checked::Row(row, _)) => {
                    let ages = ends.map(|day| age_at(row.clone(), day, range));
                    return Checked::Between(Box::new(ages), range);
                }
                Some(_) => return Checked::Error,
                None => {
                    self.two_ends(&ends, date_range);
                    return Checked::Error;
                }
            },
            Ok(ends) => {
                self.two_ends(&ends, date_range);
                return Checked::Error;
            }
            Err(checked) => {
                let Some(bound) = self.one(checked, date_range) else { return Checked::Error };
                let Some((day, _)) = self.days_in(bound) else { return Checked::Error };
                day
            }
        };
        // `age at D`, `subject.age at D`
        match self.who_ages(value) {
            Some(Checked::Row(row, _)) => return Checked::One(age_at(row, day, range)),
            Some(_) => return Checked::Error,
            None => {}
        }
        let kept = self.frames.len();
        let checked = match self.history(value) {
            Some(checked) => checked,
            None => self.expr(value, None),
        };
        self.frames.truncate(kept);
        let (mut rows, tail) = match checked {
            Checked::Many(rows, tail) => (rows, tail),
            Checked::Error => return Checked::Error,
            Checked::One(_)
            | Checked::Between(..)
            | Checked::Row(..)
            | Checked::Picked(..)
            | Checked::Codes(..)
            | Checked::List(..)
            | Checked::Alleles(..)
            | Checked::Region(..)
            | Checked::GeneCodes(..)
            | Checked::Cohort(..)
            | Checked::Table(..) => {
                self.report(
                    Diagnostic::error(
                        Code("E0217"),
                        "this has no history, so it cannot be read at a date",
                        range,
                        "one value for all time",
                    )
                    .help("`at` reads an age, or a relation whose rows are dated"),
                );
                return Checked::Error;
            }
        };
        let Some(step) = rows.steps.last_mut() else { return Checked::Error };
        let row = step.row.clone();
        let entity = self.model().entity(row.entity);
        let Some((start, end)) = self.days_of(&row, range) else {
            let name = entity.plural.clone();
            self.error(
                "E0217",
                format!("{name} have no date, so they cannot be read at one"),
                range,
                "no history",
            );
            return Checked::Error;
        };
        let day_of = self.day_of(&row, range).unwrap_or_else(|| Ends::exact(start.clone()));
        let at_most = crate::query::Comparison::LessOrEqual;
        let started =
            truth(day_of.label(), decided(at_most, &day_of, &Ends::exact(day.clone()), range), range);
        step.conditions.push(started);
        if let Some(end) = end {
            let open = truth(
                end.label,
                Kind::Not(Box::new(truth(end.label, Kind::IsKnown(Box::new(end.clone())), range))),
                range,
            );
            let holds = truth(
                end.label,
                Kind::Compare(crate::query::Comparison::GreaterOrEqual, Box::new(end.clone()), Box::new(day)),
                range,
            );
            step.conditions.push(truth(end.label, Kind::Or(vec![open, holds]), range));
        }
        let order = PickOrder { by: Some(Box::new(start)), descending: true, nth: 1 };
        Checked::Picked(rows, order, tail, range)
    }

    /// Whose age is read, if it is an age: `age`, `subject.age`.
    fn who_ages(&mut self, value: &tree::Expr) -> Option<Checked> {
        match &value.kind {
            ExprKind::Call(call) if call.name.text == "age" && call.arguments.is_none() => {
                let row = self.subject_row()?;
                Some(Checked::Row(row, self.range(value.span)))
            }
            ExprKind::Member { of, call } if call.name.text == "age" && call.arguments.is_none() => {
                let at = self.range(of.span);
                Some(match self.expr(of, None) {
                    Checked::Row(row, at) if self.model().subject() == Some(row.entity) => {
                        Checked::Row(row, at)
                    }
                    Checked::Error => Checked::Error,
                    _ => {
                        self.error("E0106", "only a subject has an age", at, "not a subject");
                        Checked::Error
                    }
                })
            }
            _ => None,
        }
    }

    /// What an attribute with a history reads: the relation in `define subject.site = residence.site at as_of`.
    /// By itself such an attribute is read at D; `site at index` reads the same relation at another date.
    fn history(&mut self, value: &tree::Expr) -> Option<Checked> {
        let ExprKind::Call(tree::Call { name, arguments: None, .. }) = &value.kind else { return None };
        let (row, found) = self.frames.iter().rev().find_map(|frame| {
            let found = self.of_entity.get(&(frame.row.entity, name.text.clone()))?;
            (!self.is_episode(&frame.row)).then(|| (frame.row.clone(), *found))
        })?;
        let (parsed, define) = found;
        let ExprKind::At { value: relation, date: _ } = &define.value.kind else { return None };
        if !has_history(define) {
            return None;
        }
        let range = self.range(value.span);
        let frame = Frame { row, names: Vec::new(), index: None, call: None };
        let outer = std::mem::replace(&mut self.frames, vec![frame]);
        let checked = self.inside(parsed, &define.name.text, range, |checker| checker.expr(relation, None));
        self.frames = outer;
        Some(checked)
    }

    /// Checks a condition on a row of its own frame, effects included.
    pub(crate) fn rule_on(&mut self, frame: Frame, condition: &tree::Expr) -> Option<Expr> {
        let row = frame.row.clone();
        self.frames.push(frame);
        self.effects.push(EffectScope::new(row));
        let checked = self.condition(condition);
        let scope = self.effects.pop();
        self.frames.pop();
        let checked = checked?;
        Some(match scope {
            Some(scope) => {
                let condition = checked;
                self.close_effects(scope, condition)
            }
            None => checked,
        })
    }
}

/// Whether an expression reads as carried alleles: `variant (…)`, `subject.variants (…)`.
fn is_variant(kind: &ExprKind) -> bool {
    let named = |call: &tree::Call| matches!(call.name.text.as_str(), "variant" | "variants");
    match kind {
        ExprKind::Call(call) | ExprKind::Member { call, .. } => named(call),
        ExprKind::Windowed { value, .. } => is_variant(&value.kind),
        _ => false,
    }
}

/// Whether a condition says only which alleles are meant.
fn names_alleles(condition: &Expr, row: &Row) -> bool {
    match &condition.kind {
        Kind::IsAllele(of, _) => of.id == row.id && of.hops.is_empty(),
        Kind::Or(parts) => parts.iter().all(|part| names_alleles(part, row)),
        _ => false,
    }
}

pub(crate) fn age_at(row: Row, date: Expr, range: Range) -> Expr {
    let label = ColumnLabel::Quasi.max(date.label);
    Expr { kind: Kind::AgeAt(row, Box::new(date)), ty: Type::Age, label, range }
}

/// Whether an expression is a literal.
pub(crate) fn literal_of(expr: &Expr) -> Option<&Value> {
    match &expr.kind {
        Kind::Literal(value) => Some(value),
        _ => None,
    }
}
