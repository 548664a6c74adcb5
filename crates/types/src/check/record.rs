//! Frequency records and what is made of their released values: fields by the record's name, the group
//! with the greatest frequency, tests of two proportions, groups of released rows.

use super::shown::FIELDS;
use super::table::{Building, column_name};
use super::{Checker, with_near};
use crate::query::{
    AggregateFunction, FisherPart, FrequencyField, GroupCell, Regroup, Shown, ShownExpr, TableBody,
};
use crate::ty::Type;
use diag::{Code, Diagnostic};
use syntax::tree::{self, ExprKind};
use text::Range;

/// What a name means, or that it was reported; `None` where it is no name of a record.
type Found = Option<Option<(ShownExpr, Type)>>;

impl Checker<'_> {
    /// `in_cases.carriers`, `grpmax.af`, `in_cases.grpmax.af`, `test_2x2.p`, `fisher(…).p`.
    pub(crate) fn of_record(
        &mut self,
        of: &tree::Expr,
        name: &tree::Name,
        building: &mut Building,
        range: Range,
    ) -> Found {
        if let Some(call) = fisher_call(of) {
            return Some(self.fisher(call, building).and_then(|test| self.part_of_test(test, name)));
        }
        match &of.kind {
            ExprKind::Call(call) if call.arguments.is_none() => {
                let word = call.name.text.as_str();
                if let Some((_, test)) = building.tests.iter().find(|(known, _)| known == word) {
                    let test = test.clone();
                    return Some(self.part_of_test(test, name));
                }
                if building.lets.iter().any(|(known, _, ty)| known == word && *ty == Type::Unknown) {
                    self.unsaid += 1;
                    return Some(None);
                }
                if building.regroup.is_some() {
                    return None;
                }
                if word == "grpmax" && matches!(building.body, Some(TableBody::Frequency { .. })) {
                    return Some(match self.only_record(word, building, self.range(call.name.span)) {
                        Some(record) => self.grpmax(record, name, building, range),
                        None => None,
                    });
                }
                let record = record_named(word, building)?;
                Some(self.field(record, name, building))
            }
            ExprKind::Member { of, call } if call.arguments.is_none() && call.name.text == "grpmax" => {
                let ExprKind::Call(tree::Call { name: of, arguments: None, .. }) = &of.kind else {
                    return None;
                };
                let record = record_named(&of.text, building)?;
                Some(self.grpmax(record, name, building, range))
            }
            _ => None,
        }
    }

    /// A field without the record's name before it.
    pub(crate) fn bare_field(
        &mut self,
        word: &str,
        building: &Building,
        range: Range,
    ) -> Option<(ShownExpr, Type)> {
        let record = self.only_record(word, building, range)?;
        let (_, field) = FIELDS.iter().find(|(field, _)| *field == word)?;
        self.field_of(record, *field, word, building, range)
    }

    /// The one record of the table, where a field does not say which.
    fn only_record(&mut self, word: &str, building: &Building, range: Range) -> Option<u32> {
        let Some(TableBody::Frequency { frequencies, .. }) = &building.body else { return None };
        if frequencies.len() == 1 {
            return Some(0);
        }
        let words: Vec<String> = frequencies.iter().map(|one| format!("`{}.{word}`", one.name)).collect();
        self.report(
            Diagnostic::error(
                Code("E0154"),
                format!("`{word}` could be that of {} frequencies", frequencies.len()),
                range,
                "of which one?",
            )
            .help(format!("write {}", words.join(" or "))),
        );
        None
    }

    fn field(&mut self, record: u32, name: &tree::Name, building: &Building) -> Option<(ShownExpr, Type)> {
        let range = self.range(name.span);
        match FIELDS.iter().find(|(field, _)| *field == name.text) {
            Some((_, field)) => self.field_of(record, *field, &name.text, building, range),
            None => {
                self.no_field(name);
                None
            }
        }
    }

    fn no_field(&mut self, name: &tree::Name) {
        let range = self.range(name.span);
        let known: Vec<String> = FIELDS.iter().map(|(field, _)| (*field).to_owned()).collect();
        let diagnostic = Diagnostic::error(
            Code("E0103"),
            format!("a frequency record has no `{}`", name.text),
            range,
            "unknown field",
        )
        .note(format!("it has {}", known.join(", ")));
        self.report(with_near(diagnostic, &super::unknown::nearest(&name.text, &known)));
    }

    fn field_of(
        &mut self,
        record: u32,
        field: FrequencyField,
        word: &str,
        building: &Building,
        range: Range,
    ) -> Option<(ShownExpr, Type)> {
        let pooled = matches!(building.body, Some(TableBody::Frequency { pooled: Some(_), .. }));
        if pooled && !matches!(field, FrequencyField::Carriers | FrequencyField::People) {
            self.report(
                Diagnostic::error(
                    Code("E0155"),
                    format!("a group of alleles has no `{word}`"),
                    range,
                    "of one allele only",
                )
                .note("a person who carries two alleles of the group is one carrier, so copies of different alleles are not added")
                .help("`carriers` and `people` are counted for groups"),
            );
            return None;
        }
        Some((ShownExpr::Cell(GroupCell::Frequency { record, field }), field_type(field)))
    }

    /// `grpmax.af`, `grpmax.ancestry`: of the group of people with the greatest frequency.
    fn grpmax(
        &mut self,
        record: u32,
        name: &tree::Name,
        building: &Building,
        range: Range,
    ) -> Option<(ShownExpr, Type)> {
        let Some(TableBody::Frequency { frequencies, pooled, .. }) = &building.body else { return None };
        let keys = frequencies.first().map_or(&[][..], |first| &first.keys);
        if keys.is_empty() || pooled.is_some() {
            self.report(
                Diagnostic::error(
                    Code("E0156"),
                    "`grpmax` is the group with the greatest frequency, and this frequency has no groups",
                    range,
                    "the greatest of what?",
                )
                .help("name the groups behind the frequency: `frequency among subjects by ancestry`"),
            );
            return None;
        }
        let at = keys.iter().position(|key| key.name == name.text);
        if let Some((key, at)) = at.and_then(|at| Some((keys.get(at)?, u32::try_from(at).ok()?))) {
            return Some((ShownExpr::Grpmax { record, cell: GroupCell::Key(at) }, key.value.ty.clone()));
        }
        let Some((_, field)) = FIELDS.iter().find(|(field, _)| *field == name.text) else {
            self.no_field(name);
            return None;
        };
        let cell = GroupCell::Frequency { record, field: *field };
        Some((ShownExpr::Grpmax { record, cell }, field_type(*field)))
    }

    /// The four released counts of `fisher(a, n1, b, n0)`.
    pub(crate) fn fisher(&mut self, call: &tree::Call, building: &mut Building) -> Option<[ShownExpr; 4]> {
        let range = self.range(call.span);
        let arguments = call.arguments.as_deref().unwrap_or(&[]);
        let plain = |argument: &tree::Argument| {
            argument.name.is_none() && argument.condition.is_none() && argument.by.is_none()
        };
        if arguments.len() != 4 || !arguments.iter().all(plain) {
            self.report(
                Diagnostic::error(
                    Code("E0113"),
                    "`fisher` compares two counts, each with the number that it is out of",
                    range,
                    format!("{} arguments", arguments.len()),
                )
                .help(
                    "`fisher(in_cases.carriers, in_cases.people, in_controls.carriers, in_controls.people)`",
                ),
            );
            return None;
        }
        if !matches!(building.body, Some(TableBody::Groups { .. } | TableBody::Frequency { .. })) {
            self.test_of_rows(range);
            return None;
        }
        let mut counts = Vec::new();
        for argument in arguments {
            let at = self.range(argument.value.span);
            let (value, ty) = self.shown(&argument.value, building, &[])?;
            if ty != Type::Int {
                self.report(
                    Diagnostic::error(
                        Code("E0157"),
                        format!("`fisher` compares counts, and this is {ty}"),
                        at,
                        "not a count",
                    )
                    .help("a share goes in as its two parts: the count, and what it is out of"),
                );
                return None;
            }
            counts.push(value);
        }
        <[ShownExpr; 4]>::try_from(counts).ok()
    }

    fn part_of_test(&mut self, test: [ShownExpr; 4], name: &tree::Name) -> Option<(ShownExpr, Type)> {
        let part = match name.text.as_str() {
            "odds_ratio" => FisherPart::OddsRatio,
            "p" => FisherPart::P,
            _ => {
                let range = self.range(name.span);
                let message = format!("`fisher` gives no `{}`", name.text);
                self.report(
                    Diagnostic::error(Code("E0106"), message, range, "nothing to read here")
                        .help("it gives `odds_ratio` and `p`"),
                );
                return None;
            }
        };
        Some((ShownExpr::Fisher(part, Box::new(test)), Type::Decimal))
    }

    /// `fisher` without saying which of its numbers.
    pub(crate) fn test_alone(&mut self, range: Range) {
        self.report(
            Diagnostic::error(Code("E0158"), "`fisher` gives two numbers", range, "which one?")
                .help("`fisher(…).p` or `fisher(…).odds_ratio`")
                .help("`let exact = fisher(…)` before `show` gives it a name: `exact.p`, `exact.odds_ratio`"),
        );
    }

    /// `fisher` where nothing is counted.
    pub(crate) fn test_of_rows(&mut self, range: Range) {
        self.report(
            Diagnostic::error(
                Code("E0157"),
                "`fisher` compares released counts, and there are none here",
                range,
                "counts of what?",
            )
            .help("use it after `group by` or `frequency`"),
        );
    }

    /// A column of the variant in a group of alleles.
    pub(crate) fn many_alleles(&mut self, word: &str, range: Range) {
        self.report(
            Diagnostic::error(
                Code("E0126"),
                format!("`{word}` is neither a key of the group nor counted of it"),
                range,
                "many alleles in one group",
            )
            .note("a row of the result is a group of alleles: it shows its keys, `carriers` and `people`")
            .help(format!("add it to `group by`, if groups of `{word}` are meant")),
        );
    }

    /// `group by` after `frequency`: groups of released rows.
    pub(crate) fn regroup(&mut self, group: &tree::Group, building: &mut Building) -> Option<()> {
        let range = self.range(group.span);
        if building.regroup.is_some() {
            self.error("E0122", "a table groups released rows once", range, "the second one");
            return None;
        }
        if group.totals {
            self.report(
                Diagnostic::error(
                    Code("E0159"),
                    "groups of released rows have no totals",
                    range,
                    "`with totals` after `frequency`",
                )
                .help("`with totals` behind `frequency … by …` counts the people of all groups together"),
            );
            return None;
        }
        let mut values = Vec::new();
        for column in &group.by.columns {
            let at = self.range(column.span);
            if column.nested.is_some() {
                self.not_yet("nested columns", at);
                return None;
            }
            let (value, ty) = self.shown(&column.value, building, &[])?;
            let name =
                column.name.as_ref().map_or_else(|| column_name(&column.value), |name| name.text.clone());
            values.push(Shown { name, value, ty, range: at });
        }
        let keys = u32::try_from(values.len()).unwrap_or(u32::MAX);
        building.regroup = Some(Regroup { values, keys });
        building.row_lets = std::mem::take(&mut building.lets);
        building.tests.clear();
        Some(())
    }

    /// A key of groups of released rows.
    pub(crate) fn regroup_key(&self, word: &str, building: &Building) -> Option<(ShownExpr, Type)> {
        let regroup = building.regroup.as_ref()?;
        let (at, key) = (0..regroup.keys).zip(&regroup.values).find(|(_, key)| key.name == word)?;
        Some((ShownExpr::RegroupKey(at), key.ty.clone()))
    }

    /// An aggregate over the released rows of a group.
    pub(crate) fn regrouped(
        &mut self,
        function: AggregateFunction,
        arguments: &[tree::Argument],
        building: &mut Building,
        range: Range,
    ) -> Option<(ShownExpr, Type)> {
        let [argument] = arguments else {
            let message = "an aggregate takes one argument";
            self.error("E0113", message, range, format!("{} arguments", arguments.len()));
            return None;
        };
        // The argument is read on a row before the grouping.
        let regroup = building.regroup.take();
        std::mem::swap(&mut building.lets, &mut building.row_lets);
        let comparing = building.comparing.take();
        let filter = argument.condition.as_ref().map(|test| self.shown(test, building, &[]));
        let counted = self.counted_row(&argument.value, &building.source);
        let value = match counted.filter(|_| function == AggregateFunction::Count) {
            Some(row) => self.key_value(&row, building, self.range(argument.value.span)),
            None => self.shown(&argument.value, building, &[]),
        };
        building.comparing = comparing;
        std::mem::swap(&mut building.lets, &mut building.row_lets);
        building.regroup = regroup;
        let at = self.range(argument.value.span);
        let filter = match filter {
            None => None,
            Some(None) => return None,
            Some(Some((_, ty))) if ty != Type::Bool => {
                self.error(
                    "E0202",
                    format!("this is {ty}, and a condition was expected"),
                    at,
                    "not true or false",
                );
                return None;
            }
            Some(Some((test, ty))) => Some(Shown { name: String::new(), value: test, ty, range: at }),
        };
        let (value, ty) = value?;
        let number = super::of_released::is_released_number(&ty);
        let result = match function {
            AggregateFunction::Count => Type::Int,
            AggregateFunction::Share if ty == Type::Bool => Type::Percent,
            AggregateFunction::Wilson if ty == Type::Bool => Type::Interval,
            AggregateFunction::Sum | AggregateFunction::Min | AggregateFunction::Max if number => ty.clone(),
            AggregateFunction::Mean | AggregateFunction::Median | AggregateFunction::Quantile(_)
                if ty == Type::Int =>
            {
                Type::Decimal
            }
            AggregateFunction::Mean | AggregateFunction::Median | AggregateFunction::Quantile(_)
                if number =>
            {
                ty.clone()
            }
            AggregateFunction::Share | AggregateFunction::Wilson => {
                self.error(
                    "E0305",
                    format!("a share is taken of truth values, and this is {ty}"),
                    at,
                    "not true or false",
                );
                return None;
            }
            AggregateFunction::Sum
            | AggregateFunction::Min
            | AggregateFunction::Max
            | AggregateFunction::Mean
            | AggregateFunction::Median
            | AggregateFunction::Quantile(_) => {
                self.error(
                    "E0305",
                    format!("this aggregate is taken of numbers, and this is {ty}"),
                    at,
                    "not a number",
                );
                return None;
            }
        };
        let values = &mut building.regroup.as_mut()?.values;
        let mut place = |value: Shown| {
            values.push(value);
            u32::try_from(values.len() - 1).unwrap_or(u32::MAX)
        };
        let argument = Some(place(Shown { name: String::new(), value, ty, range: at }));
        let filter = filter.map(place);
        Some((ShownExpr::Regrouped { function, argument, filter }, result))
    }
}

/// The record that a name stands for.
fn record_named(word: &str, building: &Building) -> Option<u32> {
    let Some(TableBody::Frequency { frequencies, .. }) = &building.body else { return None };
    let at = frequencies.iter().position(|one| !one.name.is_empty() && one.name == word)?;
    u32::try_from(at).ok()
}

/// The keys of groups of released rows, by name.
pub(crate) fn regroup_names(building: &Building) -> Vec<String> {
    let regroup = building.regroup.iter();
    regroup.flat_map(|one| (0..one.keys).zip(&one.values).map(|(_, key)| key.name.clone())).collect()
}

/// `fisher(…)`
pub(crate) fn fisher_call(expr: &tree::Expr) -> Option<&tree::Call> {
    match &expr.kind {
        ExprKind::Call(call) if call.name.text == "fisher" && !call.name.quoted => Some(call),
        _ => None,
    }
}

/// The type of a field.
fn field_type(field: FrequencyField) -> Type {
    match field {
        FrequencyField::Af
        | FrequencyField::CallRate
        | FrequencyField::Faf95
        | FrequencyField::CarrierFrequency => Type::Percent,
        FrequencyField::HardyWeinberg | FrequencyField::ExcessHet => Type::Decimal,
        FrequencyField::Ac
        | FrequencyField::An
        | FrequencyField::Het
        | FrequencyField::Hom
        | FrequencyField::Hemi
        | FrequencyField::Carriers
        | FrequencyField::Missing
        | FrequencyField::People => Type::Int,
    }
}
