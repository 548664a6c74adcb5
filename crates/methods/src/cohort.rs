//! Cohorts in words, each after the cohorts and tables that it stands on.

use crate::{Described, Words};
use types::{Cohort, CohortId, CohortSource, Draw, Exit, Expr, Kind, Match, Rows, Rule, TableId};

impl Words<'_> {
    /// A cohort after those that it stands on.
    pub(crate) fn cohort(&self, id: CohortId) {
        let Some(cohort) = self.query.cohorts.get(id.0 as usize) else { return };
        if !self.first_time(Described::Cohort(id)) {
            return;
        }
        match cohort.source {
            CohortSource::Subjects => {}
            CohortSource::Cohort(of) => self.cohort(of),
        }
        let rules = cohort.rules.iter().map(|rule| &rule.condition);
        let index = cohort.index.iter().map(|index| &index.date);
        let exits = cohort.exit.iter().flat_map(|exit| &exit.dates).map(|(_, date)| date);
        let keys = cohort.matched.iter().flat_map(|matched| &matched.keys).map(|key| &key.control);
        let events = cohort.index.iter().filter_map(|index| index.rows.as_ref());
        let of_events = events.flat_map(|rows| &rows.steps).flat_map(|step| &step.conditions);
        for expr in rules.chain(index).chain(exits).chain(keys).chain(of_events) {
            self.before(expr);
        }
        if let Some(matched) = &cohort.matched {
            self.cohort(matched.cases);
        }
        self.enter(&cohort.row);
        self.say(self.of_cohort(cohort));
    }

    /// Describes what an expression reads of other items.
    pub(crate) fn before(&self, expr: &Expr) {
        let (mut cohorts, mut tables): (Vec<CohortId>, Vec<TableId>) = (Vec::new(), Vec::new());
        types::each_expr(expr, &mut |inner| match &inner.kind {
            Kind::InCohort(_, id) => cohorts.push(*id),
            Kind::InTable { table, .. } => tables.push(*table),
            _ => {}
        });
        for id in cohorts {
            self.cohort(id);
        }
        for id in tables {
            self.table(id);
        }
    }

    fn of_cohort(&self, cohort: &Cohort) -> String {
        let source = match cohort.source {
            CohortSource::Subjects => "all people whose consent holds".to_owned(),
            CohortSource::Cohort(of) => format!("the members of cohort `{}`", self.cohort_name(of)),
        };
        let mut text = format!("Cohort `{}` is taken from {source}.", cohort.name);
        let events = cohort.index.as_ref().and_then(|index| Some((index.rows.as_deref()?, &index.date)));
        if let Some((rows, date)) = events {
            text += &format!(
                " It is a cohort of events: a person has a row for each different index date, and whoever has none has no row. An index date is {}.",
                self.each_date(rows, date)
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
        text += &self.rules(before, whose);
        if let Some(exit) = &cohort.exit {
            self.say(std::mem::take(&mut text));
            text = self.exit(exit) + &self.rules(after, whose);
        }
        if let Some(matched) = &cohort.matched {
            self.say(std::mem::take(&mut text));
            text = self.matched(matched);
        }
        if let Some(draw) = &cohort.draw {
            self.say(std::mem::take(&mut text));
            text = drawn(draw);
        }
        text
    }

    /// "the date `started` of one of the treatments of the subject".
    pub(crate) fn each_date(&self, rows: &Rows, date: &Expr) -> String {
        let among = self.rows(rows, true);
        let last = rows.steps.last().map(|step| step.row.id);
        let date = self.within(last, || self.value(date));
        format!("the {} of one of the {among}", date.strip_prefix("its ").unwrap_or(&date))
    }

    /// When follow-up ends.
    pub(crate) fn exit(&self, exit: &Exit) -> String {
        let dates: Vec<String> =
            exit.dates.iter().map(|(name, date)| format!("*{name}*, {}", self.value(date))).collect();
        format!(
            "Follow-up begins on the index date and ends, both days included, on the earliest of these days that is not before it: {}. Of equal days the first named is the reason; where there is none, follow-up ends on the day of the question, for the reason *{}*. Follow-up that would begin after that day has not begun, and is left out.",
            dates.join("; "),
            types::AS_OF
        )
    }

    /// Who is compared with whom.
    pub(crate) fn matched(&self, matched: &Match) -> String {
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
            crate::listed(&keys, "and"),
            matched.seed
        )
    }

    pub(crate) fn cohort_name(&self, id: CohortId) -> &str {
        self.query.cohorts.get(id.0 as usize).map_or("", |cohort| cohort.name.as_str())
    }

    /// Rules as a numbered list.
    pub(crate) fn rules(&self, rules: &[Rule], whose: &str) -> String {
        match rules {
            [] => String::new(),
            [one] => format!(
                " A {whose} stays if this is true, and is left out if it is false or unknown: {}{}.",
                named(one),
                self.condition(&one.condition)
            ),
            several => {
                let mut text = format!(
                    " A {whose} stays if each of these is true, and is left out if one is false or unknown:\n"
                );
                for (at, rule) in several.iter().enumerate() {
                    text += &format!("\n{}. {}{}.", at + 1, named(rule), self.condition(&rule.condition));
                }
                text
            }
        }
    }
}

fn named(rule: &Rule) -> String {
    rule.name.as_ref().map_or(String::new(), |name| format!("*{name}*: "))
}

/// Who is drawn.
pub(crate) fn drawn(draw: &Draw) -> String {
    format!(
        "Of those who stay, {} are drawn: those with the least lots. The lot of a person is the SHA-256 of `{}:` and the key, as hexadecimal digits.",
        draw.count, draw.seed
    )
}
