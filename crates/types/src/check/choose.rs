//! `match` and `draw`: of those who pass, the nearest to cases, or so many by lot.

use super::Checker;
use super::expr::is_number;
use super::scope::{Frame, Global};
use crate::number::Number;
use crate::query::{Cohort, CohortId, Draw, Expr, Kind, Match, MatchKey, Row, Value};
use crate::ty::Type;
use crate::unit::{Conversion, convert};
use diag::{Code, Diagnostic};
use syntax::tree;
use text::Range;

impl<'a> Checker<'a> {
    /// `match n to each of C on keys seed s`
    pub(crate) fn matching(
        &mut self,
        clause: &'a tree::Match,
        frame: &Frame,
        cohort: &Cohort,
    ) -> Option<Match> {
        let range = self.range(clause.span);
        let count = self.how_many(&clause.count, 100, "a match takes 1 to 100 controls for each case");
        let seed = self.seed(&clause.seed);
        if cohort.index.as_ref().is_some_and(|index| index.rows.is_some()) {
            self.only_people("match", range);
            return None;
        }
        let cases = self.cases(&clause.cases)?;
        let case = Row { id: self.fresh_row(), hops: Vec::new(), entity: cohort.row.entity };
        let mut case_frame = self.member_frame(&case, Some(cases));
        self.rule_names(cases, &mut case_frame);
        let mut keys = Vec::new();
        let mut whole = true;
        for (key, within) in &clause.keys {
            match self.match_key(key, within.as_ref(), frame, &case_frame) {
                Some(key) => keys.push(key),
                None => whole = false,
            }
        }
        if !whole {
            return None;
        }
        Some(Match { count: count?, cases, case, keys, seed: seed?, range })
    }

    fn cases(&mut self, path: &tree::Path) -> Option<CohortId> {
        let range = self.range(path.span);
        if let [name] = path.names.as_slice() {
            self.note_item(range, &name.text);
        }
        let found = match path.names.as_slice() {
            [name] => self.globals.get(&name.text),
            _ => None,
        };
        match found {
            Some(Global::Cohort(id)) => {
                let id = *id;
                if self.is_events(id) {
                    self.events_refused(id, range, "cases are people");
                    return None;
                }
                Some(id)
            }
            Some(Global::Broken) => {
                self.unsaid += 1;
                None
            }
            Some(_) | None => {
                self.report(
                    Diagnostic::error(
                        Code("E0119"),
                        "controls are matched to the members of a cohort",
                        range,
                        "the name of a cohort was expected",
                    )
                    .help("define the cases before: `cohort cases = from subjects where …`"),
                );
                None
            }
        }
    }

    /// A key, typed on a control and on a case.
    fn match_key(
        &mut self,
        key: &'a tree::Expr,
        within: Option<&'a tree::Expr>,
        control: &Frame,
        case: &Frame,
    ) -> Option<MatchKey> {
        let mut on = |frame: &Frame| {
            self.frames.push(frame.clone());
            let value = self.value(key, None);
            self.frames.pop();
            value
        };
        // A mistake is said once, on the side of the controls.
        let control = on(control)?;
        let case = on(case)?;
        if control.ty == Type::Id {
            self.report(
                Diagnostic::error(
                    Code("E0510"),
                    "people are not matched by an identifier",
                    control.range,
                    "an identifier",
                )
                .note("an identifier joins rows and does nothing else"),
            );
            return None;
        }
        if control.ty != case.ty || matches!(control.ty, Type::QuantityOf(_) | Type::Allele | Type::Unknown) {
            let (a, b) = (control.ty.to_string(), case.ty.to_string());
            let words = if a == b {
                format!("this is {a}")
            } else {
                format!("this is {a} for a control and {b} for a case")
            };
            self.report(
                Diagnostic::error(
                    Code("E0220"),
                    format!("{words}, and people are matched by values of one kind"),
                    control.range,
                    "no key of a match",
                )
                .help("match on a column, an age, a number with one unit, or a `case` with the groups that matter"),
            );
            return None;
        }
        let within = match within {
            Some(within) => Some(self.width(within, &control)?),
            None => None,
        };
        Some(MatchKey { control, case, within })
    }

    /// How far a key of a case and of a control may lie apart, in the unit of the key.
    fn width(&mut self, within: &'a tree::Expr, key: &Expr) -> Option<Number> {
        let width = self.value(within, Some(&key.ty))?;
        let number = match &width.kind {
            Kind::Literal(Value::Int(int)) => Some(Number::int(*int)),
            Kind::Literal(Value::Number(number)) => Some(*number),
            _ => None,
        };
        let found = number.and_then(|number| match (&key.ty, &width.ty) {
            (Type::Int | Type::Decimal, Type::Int | Type::Decimal)
            | (Type::Percent, Type::Percent)
            | (Type::Date | Type::Days, Type::Days) => Some(number),
            (Type::Age, Type::Months) => {
                let years = number.scale(1, 12)?;
                (years.0 % Number::int(1).0 == 0).then_some(years)
            }
            (Type::Quantity(unit), Type::Quantity(other)) => match convert(other, unit) {
                Conversion::Factor(numerator, denominator) => number.scale(numerator, denominator),
                _ => (unit == other).then_some(number),
            },
            (Type::Quantity(unit), Type::Percent) if unit == "%" => number.scale(100, 1),
            (_, _) => None,
        });
        if found.is_none() {
            let help = match &key.ty {
                Type::Age => "write whole years, such as `within 2 years`".to_owned(),
                Type::Date | Type::Days => "write days, such as `within 30 days`".to_owned(),
                Type::Quantity(unit) => format!("write the width with its unit, such as `within 2 '{unit}'`"),
                ty if is_number(ty) => "write a number, such as `within 2`".to_owned(),
                _ => "leave `within` out: values of this kind are equal or not".to_owned(),
            };
            self.report(
                Diagnostic::error(
                    Code("E0220"),
                    format!("this says how far {} may lie apart, and is {}", key.ty, width.ty),
                    width.range,
                    "how far?",
                )
                .label(key.range, key.ty.to_string())
                .help(help),
            );
        }
        found
    }

    /// `draw n seed s`
    pub(crate) fn draw(&mut self, clause: &'a tree::Draw, cohort: &Cohort) -> Option<Draw> {
        let range = self.range(clause.span);
        let count = self.how_many(&clause.count, 1_000_000_000, "a draw takes 1 to 1,000,000,000 people");
        let seed = self.seed(&clause.seed);
        if cohort.index.as_ref().is_some_and(|index| index.rows.is_some()) {
            self.only_people("draw", range);
            return None;
        }
        Some(Draw { count: count?, seed: seed?, range })
    }

    fn only_people(&mut self, what: &str, range: Range) {
        self.report(
            Diagnostic::error(
                Code("E0133"),
                format!("`{what}` chooses people, and a row of this cohort is an event"),
                range,
                "of events",
            )
            .help(format!("`{what}` in a cohort of people, and `where subject in …` here")),
        );
    }

    /// A number of people; `rule` says which numbers there are.
    fn how_many(&mut self, number: &tree::Number, most: i64, rule: &str) -> Option<i64> {
        let count = number.digits.parse::<i64>().ok().filter(|count| (1..=most).contains(count));
        if count.is_none() {
            let range = self.range(number.span);
            self.error("E0134", rule, range, "how many?");
        }
        count
    }

    fn seed(&mut self, number: &tree::Number) -> Option<i64> {
        let seed = number.digits.parse::<i64>().ok();
        if seed.is_none() {
            let range: Range = self.range(number.span);
            self.error("E0134", "a seed is a number of at most 18 digits", range, "too long");
        }
        seed
    }
}
