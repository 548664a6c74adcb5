//! Reports in words: attrition, the description of a cohort, the comparison of two.

use crate::Words;
use crate::cohort::drawn;
use crate::literal::literal;
use types::{Attrition, AttritionTest, Characteristic, Describe, KeyDomain, Members, Report, ReportKind};

impl Words<'_> {
    pub(crate) fn report(&self, report: &Report) {
        match &report.kind {
            ReportKind::Attrition(attrition) => self.attrition(attrition),
            ReportKind::Describe(describe) => self.described_members(describe),
            ReportKind::Compare(both) => self.compared_members(both),
        }
        self.say(self.release(false));
    }

    fn attrition(&self, attrition: &Attrition) {
        let name = self.cohort_name(attrition.cohort);
        self.say(format!("## Attrition of cohort `{name}`"));
        self.say(self.setting());
        for step in &attrition.steps {
            let rows = step.test.rows().into_iter().flat_map(|rows| &rows.steps);
            for expr in step.test.exprs().into_iter().chain(rows.flat_map(|step| &step.conditions)) {
                self.before(expr);
            }
            if let AttritionTest::Choice { of, keys: _ } = &step.test
                && let Some(matched) =
                    self.query.cohorts.get(of.0 as usize).and_then(|one| one.matched.as_ref())
            {
                self.cohort(matched.cases);
            }
        }
        self.enter(&attrition.row);
        let mut text = "Starting from all people whose consent holds, the steps act in this order. Of each is told how many people are left after it, how many it leaves out because it is false and how many because it is unknown, and how many more the cohort would have without it:\n".to_owned();
        if attrition.of_events() {
            text = text.replace("how many people are left", "how many people, and how many events, are left");
        }
        for (at, step) in attrition.steps.iter().enumerate() {
            let asked = match &step.test {
                AttritionTest::Index(date) => format!("there is an index date, {}", self.value(date)),
                AttritionTest::Each { rows, date } => {
                    format!(
                        "there is an index date, {}; each different one is an event",
                        self.each_date(rows, date)
                    )
                }
                AttritionTest::Rule(condition) => self.condition(condition),
                AttritionTest::Exit(exit) => {
                    format!("follow-up begins. {}", self.exit(exit).trim_end_matches('.'))
                }
                AttritionTest::Choice { of, keys: _ } => {
                    let of = self.query.cohorts.get(of.0 as usize);
                    let matched = of.and_then(|cohort| cohort.matched.as_ref()).map(|one| self.matched(one));
                    let drawn = of.and_then(|cohort| cohort.draw.as_ref()).map(drawn);
                    matched.or(drawn).unwrap_or_default().trim_end_matches('.').to_owned()
                }
            };
            let of =
                if step.cohort == name { String::new() } else { format!(" (of cohort `{}`)", step.cohort) };
            text += &format!("\n{}. *{}*{of}: {asked}.", at + 1, step.words.replace('*', "·"));
        }
        self.say(text);
        let few = self.input.permitted.grounds().release.min_subjects;
        self.say(format!(
            "A step that leaves out, leaves unknown or would gain between 1 and {} people is released together with the step after it.",
            few.saturating_sub(1)
        ));
    }

    fn described_members(&self, describe: &Describe) {
        self.say(format!("## Description of cohort `{}`", describe.members.name));
        self.say(self.setting());
        self.cohort(describe.members.cohort);
        self.enter(&describe.members.row);
        let groups = if describe.keys.is_empty() {
            "The members are described all together.".to_owned()
        } else {
            self.keys("The members are described together and", &describe.keys, false)
        };
        self.say(groups);
        self.characteristics(&describe.members);
    }

    fn compared_members(&self, both: &[Members; 2]) {
        let [one, other] = both;
        self.say(format!("## Comparison of cohorts `{}` and `{}`", one.name, other.name));
        self.say(self.setting());
        self.cohort(one.cohort);
        self.cohort(other.cohort);
        self.say(format!(
            "The members of `{}` and of `{}` are described side by side, with the standardised difference of each line: of a level the difference of the two shares over the root of the mean of their variances p(1 − p), of a number the difference of the means over the root of the mean of the two variances.",
            one.name, other.name
        ));
        self.enter(&one.row);
        self.characteristics(one);
    }

    fn characteristics(&self, members: &Members) {
        let lines: Vec<String> = members
            .characteristics
            .iter()
            .map(|characteristic| match characteristic {
                Characteristic::Levels(key) => {
                    let levels = match &key.domain {
                        KeyDomain::Closed(values) => {
                            let values: Vec<String> =
                                values.iter().map(|value| literal(value, &key.value.ty)).collect();
                            format!("one of {}", values.join(", "))
                        }
                        KeyDomain::Open => "the values found".to_owned(),
                    };
                    format!(
                        "- `{}`: {} ({levels}): how many members have each level and their percentage of those of whom it is known; how many are not recorded",
                        key.name,
                        self.value(&key.value)
                    )
                }
                Characteristic::Number { name, value } => format!(
                    "- `{name}`: {}: how many have one, median with the first and third quartile, mean with the standard deviation",
                    self.value(value)
                ),
            })
            .collect();
        self.say(format!("Of the members is told:\n\n{}", lines.join("\n")));
    }
}
