//! A methods paragraph: what a permitted cohort or table is, in English, complete enough to do it again.
//!
//! [`describe`] reads the checked form and nothing of the text, so what it says is what runs. Every form has its
//! words; there is no "and so on". The same query gives the same words on every day. It does not say how many
//! people there are.

#![expect(clippy::format_push_string, reason = "prose is put together sentence by sentence")]

mod codes;
mod expr;
mod rows;
mod shown;

use model::Model;
use policy::{Grounds, Permitted};
use types::{
    Cohort, CohortId, CohortSource, Exit, Expr, KeyDomain, Match, Query, Rule, Table, TableBody, Value,
    Vocabulary,
};

/// How the paragraph is marked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Headings, numbered lists, names in backquotes.
    Markdown,
    /// Words alone.
    Plain,
}

/// What a description stands on.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// The query with its grounds.
    pub permitted: &'a Permitted,
    /// The model it was checked with.
    pub model: &'a Model,
    /// Labels of codes.
    pub vocabulary: &'a dyn Vocabulary,
    /// Code systems and the releases that are pinned.
    pub releases: &'a [(String, String)],
}

impl std::fmt::Debug for Input<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Input").field("model", &self.model.name).finish_non_exhaustive()
    }
}

/// The cohort or table of that name; `None` where there is none.
pub fn describe(input: &Input<'_>, name: &str, style: Style) -> Option<String> {
    let words = Words { input: *input, query: input.permitted.query() };
    let body = words.of(name)?;
    Some(match style {
        Style::Markdown => body,
        Style::Plain => plain(&body),
    })
}

pub(crate) struct Words<'a> {
    pub(crate) input: Input<'a>,
    pub(crate) query: &'a Query,
}

impl Words<'_> {
    fn of(&self, name: &str) -> Option<String> {
        let mut parts = Vec::new();
        if let Some(table) = self.query.tables.iter().find(|table| table.name == name) {
            parts.push(format!("## Table `{name}`"));
            parts.push(self.setting());
            let frequencies = match &table.body {
                TableBody::Frequency { frequencies, .. } => frequencies.as_slice(),
                TableBody::Rows { .. } | TableBody::Groups { .. } => &[],
            };
            let of_people = frequencies.iter().filter_map(|frequency| frequency.cohort);
            for id in table.cohort.into_iter().chain(of_people) {
                self.cohorts(id, &mut parts);
            }
            parts.extend(self.table(table));
            parts.push(self.release());
        } else {
            let at = self.query.cohorts.iter().position(|cohort| cohort.name == name)?;
            parts.push(format!("## Cohort `{name}`"));
            parts.push(self.setting());
            self.cohorts(CohortId(u32::try_from(at).ok()?), &mut parts);
        }
        if let Some(releases) = self.releases() {
            parts.push(releases);
        }
        Some(parts.join("\n\n") + "\n")
    }

    /// The day, the agreement and the consent.
    fn setting(&self) -> String {
        let grounds = self.input.permitted.grounds();
        let mut sentences = Vec::new();
        if let Some((as_of, _)) = self.query.as_of {
            sentences.push(format!(
                "The question is asked as of {as_of}: rows dated later do not exist for it, an interval that began on or before that day and ended later counts as ongoing, and rows without a date are kept."
            ));
        }
        sentences.push(consent(grounds));
        sentences.join(" ")
    }

    /// A cohort after those that it stands on.
    fn cohorts(&self, id: CohortId, parts: &mut Vec<String>) {
        let Some(cohort) = self.query.cohorts.get(id.0 as usize) else { return };
        let of_rules = cohort.rules.iter().map(|rule| &rule.condition);
        let of_rules = of_rules.chain(cohort.index.as_ref().map(|index| &index.date));
        let of_exit = cohort.exit.iter().flat_map(|exit| &exit.dates).map(|(_, date)| date);
        let of_match = cohort.matched.iter().flat_map(|matched| &matched.keys).map(|key| &key.control);
        let mut others: Vec<CohortId> = match cohort.source {
            CohortSource::Subjects => Vec::new(),
            CohortSource::Cohort(of) => vec![of],
        };
        of_rules.chain(of_exit).chain(of_match).for_each(|expr| members(expr, &mut others));
        if let Some(rows) = cohort.index.as_ref().and_then(|index| index.rows.as_ref()) {
            rows.steps.iter().flat_map(|step| &step.conditions).for_each(|expr| members(expr, &mut others));
        }
        others.extend(cohort.matched.as_ref().map(|matched| matched.cases));
        for other in others {
            self.cohorts(other, parts);
        }
        let heading = format!("Cohort `{}`", cohort.name);
        if !parts.iter().any(|part| part.starts_with(&heading)) {
            parts.push(self.cohort(cohort));
        }
    }

    fn cohort(&self, cohort: &Cohort) -> String {
        let mut text = format!(
            "Cohort `{}` is taken from {}.",
            cohort.name,
            match cohort.source {
                CohortSource::Subjects => "all people whose consent holds".to_owned(),
                CohortSource::Cohort(of) => format!("the members of cohort `{}`", self.cohort_name(of)),
            }
        );
        let events = cohort.index.as_ref().and_then(|index| Some((index.rows.as_deref()?, &index.date)));
        if let Some((rows, date)) = events {
            text += &format!(
                " It is a cohort of events: for each person there is a row for each different index date, which is {} over the {}; whoever has none is no member.",
                self.value(date),
                self.rows(rows, true)
            );
        } else if let Some(index) = &cohort.index {
            text += &format!(
                " The index date of a person is {}; whoever has none is no member.",
                self.value(&index.date)
            );
        }
        let whose = if events.is_some() { "row" } else { "person" };
        let after = cohort.exit.as_ref().map_or(cohort.rules.len(), |exit| exit.after);
        let (before, after) = cohort.rules.split_at(after.min(cohort.rules.len()));
        if !before.is_empty() || cohort.exit.is_none() {
            text += &self.rules(before, whose);
        }
        if let Some(exit) = &cohort.exit {
            text += &self.exit(exit, !before.is_empty());
            if !after.is_empty() {
                text += &self.rules(after, whose);
            }
        }
        if let Some(matched) = &cohort.matched {
            text += &format!("\n\n{}", self.matched(matched));
        }
        if let Some(draw) = &cohort.draw {
            text += &format!(
                "\n\nOf those who stay, {} are drawn: those with the least lots. The lot of a person is the SHA-256 of `{}:` and the key, as hexadecimal digits.",
                draw.count, draw.seed
            );
        }
        text
    }

    fn exit(&self, exit: &Exit, after_rules: bool) -> String {
        let dates: Vec<String> =
            exit.dates.iter().map(|(name, date)| format!("*{name}*, {}", self.value(date))).collect();
        format!(
            "{}Follow-up ends, both ends included, at the earliest of these days on or after the index date: {}. Of days that are the same the first named is the reason; where there is none, follow-up ends on the day of the question, for the reason *{}*. Follow-up that would begin after that day has not begun, and is left out.",
            if after_rules { "\n\n" } else { " " },
            dates.join("; "),
            types::AS_OF
        )
    }

    fn matched(&self, matched: &Match) -> String {
        let keys: Vec<String> = matched
            .keys
            .iter()
            .map(|key| {
                let value = self.value(&key.control);
                match &key.within {
                    None => format!("equal in {value}"),
                    Some(within) => {
                        let days = if key.control.ty == types::Type::Date { " days" } else { "" };
                        format!("no further apart than {within}{days} in {value}")
                    }
                }
            })
            .collect();
        format!(
            "Of those who stay, controls are taken for the members of cohort `{}`, who are themselves no controls: {} for each, {}. A key that is not known is near to nothing. The cases choose in the order of their lots; each takes the nearest controls that are free, by the sum of the differences and then by lot, and a case with fewer keeps what it has. The lot of a person is the SHA-256 of `{}:` and the key, as hexadecimal digits.",
            self.cohort_name(matched.cases),
            matched.count,
            keys.join(", "),
            matched.seed
        )
    }

    pub(crate) fn cohort_name(&self, id: CohortId) -> &str {
        self.query.cohorts.get(id.0 as usize).map_or("", |cohort| cohort.name.as_str())
    }

    fn rules(&self, rules: &[Rule], whose: &str) -> String {
        if rules.is_empty() {
            return " There are no rules.".to_owned();
        }
        let mut text = format!(
            " A {whose} stays where each of these is true; where one is false or unknown, the {whose} is left out:\n"
        );
        for (at, rule) in rules.iter().enumerate() {
            let name = rule.name.as_ref().map_or(String::new(), |name| format!("*{name}*: "));
            text += &format!("\n{}. {name}{}.", at + 1, self.condition(&rule.condition));
        }
        text
    }

    fn table(&self, table: &Table) -> Vec<String> {
        let entity = self.input.model.entity(table.row.entity);
        let source = match table.cohort {
            Some(id) => format!("the members of cohort `{}`", self.cohort_name(id)),
            None if entity.name == "variant" => {
                "the alleles with at least one known copy in a permitted sample, and the alleles that the question names"
                    .to_owned()
            }
            None if entity.linkage == model::Linkage::Public => format!("the public {}", entity.plural),
            None => format!("the {} of people whose consent holds", entity.plural),
        };
        let mut parts = vec![
            format!("Table `{}` is taken from {source}.", table.name) + &self.rules(&table.rules, "row"),
        ];
        match &table.body {
            TableBody::Rows { values: _ } => parts.push(format!("It has a row for each {}.", entity.name)),
            TableBody::Groups { keys, totals } => parts.push(self.keys("It has a row", keys, *totals)),
            TableBody::Frequency { frequencies, pooled, values: _, named } => {
                if let Some(pooled) = pooled {
                    parts.push(format!(
                        "{} Of a group of alleles, carriers are people with at least one known copy of at least one of them, each counted once, and people are those eligible for at least one.",
                        self.keys("Alleles are pooled", &pooled.keys, pooled.totals)
                    ));
                }
                for frequency in frequencies {
                    parts.push(self.frequency(frequency));
                }
                let mut text = "Of each person one sample counts: the newest that passes quality control. Copies expected follow the sex chromosomes: on autosomes and pseudoautosomal regions 2, on X as many as X, on Y as many as Y, on MT 1; a heterozygous call where one copy is expected counts as missing, and a site without a record is reference only where the sample was covered.".to_owned();
                if !named.is_empty() {
                    text += &format!(
                        " Also alleles that nobody carries are listed if they are among {}.",
                        expr::alleles(named)
                    );
                }
                parts.push(text);
            }
        }
        for each in &table.each {
            parts.push(format!(
                "For each row there is one row for each of its {}; rules from number {} on may read it.",
                self.rows(&each.rows, true),
                each.after + 1
            ));
        }
        if let Some(regroup) = &table.regroup {
            let values: Vec<String> = regroup
                .values
                .iter()
                .map(|value| format!("`{}`, which is {}", value.name, self.shown(&value.value, table)))
                .collect();
            parts.push(format!(
                "The released rows are grouped once more, by the first {} of these values: {}.",
                regroup.keys,
                values.join("; ")
            ));
        }
        let columns: Vec<String> = table
            .shown
            .iter()
            .map(|shown| format!("- `{}`: {}", shown.name, self.shown(&shown.value, table)))
            .collect();
        parts.push(format!("It shows:\n\n{}", columns.join("\n")));
        let mut after = Vec::new();
        for kept in &table.kept {
            after.push(format!(
                "Of the released rows those are kept for which {}; a withheld value decides only where its interval does.",
                self.shown(kept, table)
            ));
        }
        if !table.order.is_empty() {
            let keys: Vec<String> = table
                .order
                .iter()
                .map(|(key, descending)| {
                    format!("{}{}", self.shown(key, table), if *descending { ", greatest first" } else { "" })
                })
                .collect();
            after.push(format!("Rows are in the order of {}, then of their keys.", keys.join(", then ")));
        }
        if let Some(limit) = table.limit {
            after.push(format!("The first {limit} rows are shown."));
        }
        if !after.is_empty() {
            parts.push(after.join(" "));
        }
        parts
    }

    fn frequency(&self, frequency: &types::Frequency) -> String {
        let who = match (frequency.cohort, frequency.samples) {
            (Some(id), _) => format!("the members of cohort `{}`", self.cohort_name(id)),
            (None, true) => "permitted samples".to_owned(),
            (None, false) => "people whose consent holds".to_owned(),
        };
        let name = if frequency.name.is_empty() { String::new() } else { format!(" `{}`", frequency.name) };
        let mut text = format!("For each allele its frequency{name} is counted among {who}");
        for condition in &frequency.conditions {
            text += &format!(", where {}", self.condition(condition));
        }
        text + ". " + &self.keys("The counts are taken", &frequency.keys, frequency.totals)
    }

    fn keys(&self, start: &str, keys: &[types::GroupKey], totals: bool) -> String {
        if keys.is_empty() {
            return format!("{start} for all together.");
        }
        let of_key = |key: &types::GroupKey| {
            let domain = match &key.domain {
                KeyDomain::Closed(values) => {
                    let values: Vec<String> =
                        values.iter().map(|value| expr::literal(value, &key.value.ty)).collect();
                    format!("one of {}", values.join(", "))
                }
                KeyDomain::Open => "of the values found".to_owned(),
            };
            format!("`{}`, which is {} ({domain})", key.name, self.value(&key.value))
        };
        let keys: Vec<String> = keys.iter().map(of_key).collect();
        let totals = if totals { ", and another over all groups" } else { "" };
        format!(
            "{start} for each combination of {}{totals}. Combinations of closed lists that nobody is in are shown too; a missing key is the group `not recorded`.",
            keys.join(" and ")
        )
    }

    fn release(&self) -> String {
        let rules = &self.input.permitted.grounds().release;
        if self.input.permitted.grounds().agreements.is_empty() {
            return "Only public data are read, and nothing is withheld.".to_owned();
        }
        let mut sentences = vec![format!(
            "Cells of fewer than {} people are withheld, with as many others as it takes that none can be computed from the rest.",
            rules.min_subjects
        )];
        sentences.push(if rules.zeros_shown {
            "Zeros are shown.".into()
        } else {
            "Zeros are withheld.".to_owned()
        });
        if rules.round_to > 1 {
            sentences.push(format!(
                "Counts are rounded to multiples of {}; ratios are of rounded counts.",
                rules.round_to
            ));
        }
        sentences.push(format!(
            "A sum is withheld where the second greatest contributor could estimate the greatest to within {}, or where the {} greatest hold more than {} of it.",
            share(rules.dominance.p), rules.dominance.n, share(rules.dominance.k)
        ));
        sentences.push(format!(
            "Two sets of people differ by nobody or by at least {} people. A frequency needs {} eligible people, and the counts of an allele with some but fewer than {} carriers are withheld.",
            rules.difference, rules.frequency_min_subjects, rules.allele_min_carriers
        ));
        sentences.join(" ")
    }

    fn releases(&self) -> Option<String> {
        let releases: Vec<String> =
            self.input.releases.iter().map(|(system, version)| format!("{system} {version}")).collect();
        (!releases.is_empty()).then(|| {
            format!("Codes and their descendants are those of the pinned releases: {}.", releases.join(", "))
        })
    }
}

fn consent(grounds: &Grounds) -> String {
    let (Some(purpose), false) = (&grounds.purpose, grounds.agreements.is_empty()) else {
        return "No data of people are read.".to_owned();
    };
    let names: Vec<String> =
        grounds.agreements.iter().map(|(name, version)| format!("\"{name}\" version {version}")).collect();
    let narrowed = match &grounds.agreed {
        Some(agreed) => format!(", which is within the agreed {agreed}"),
        None => String::new(),
    };
    format!(
        "Data are used under agreement {} for the purpose {purpose}{narrowed}. Only people whose consent is valid for it both as of that day and on the day of use are read; of a person who withdrew access, only rows dated before the withdrawal.",
        names.join(", ")
    )
}

fn share(number: types::Number) -> String {
    number.scale(100, 1).map_or_else(|| number.to_string(), |percent| format!("{percent} %"))
}

/// The cohorts whose members an expression asks for.
fn members(expr: &Expr, found: &mut Vec<CohortId>) {
    types::each_expr(expr, &mut |inner| {
        if let types::Kind::InCohort(_, id) = &inner.kind {
            found.push(*id);
        }
    });
}

/// The words without their marks.
fn plain(text: &str) -> String {
    text.lines().map(|line| line.trim_start_matches("## ").replace(['`', '*'], "") + "\n").collect()
}

/// `a`, `b` and `c`
pub(crate) fn listed(words: &[String], last: &str) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., end] => format!("{} {last} {end}", first.join(", ")),
    }
}

/// Whether a value is what no shorter words say.
pub(crate) fn is_zero(value: &Value) -> bool {
    matches!(value, Value::Int(0)) || matches!(value, Value::Number(number) if number.0 == 0)
}
