//! `consent valid at E for P` on a row (consent-and-policy.md 3.5).

use crate::expr::{Expr, Type};
use crate::lower::block::Block;
use crate::lower::{Lowering, from, named};
use crate::step::{JoinKind, Select};
use types::Row;

impl Lowering<'_> {
    /// `consent valid at E for P`, by 3.5.
    pub(crate) fn consent_valid(
        &mut self,
        block: &mut Block,
        row: &Row,
        at: Option<Expr>,
        purpose: Option<&str>,
    ) -> Expr {
        if at.is_none() && purpose.is_none() {
            // The guard asks exactly this, so it holds for every row that exists.
            return Expr::bool(true);
        }
        let Some(wanted) = self.purpose(purpose).cloned() else { return Expr::bool(false) };
        let days: Vec<(Expr, Option<jiff::civil::Date>)> = match at {
            Some(at) => vec![(at, None)],
            None => {
                let used_on = self.grounds.used_on;
                let mut days = vec![(Expr::date(self.as_of()), Some(used_on))];
                if self.as_of() != used_on {
                    days.push((Expr::date(used_on), Some(used_on)));
                }
                days
            }
        };
        let sample = self.model.entity(row.entity).name == "sample";
        let own = if sample { self.key_of(block, row).into_iter().next() } else { None };
        let subject =
            self.subjects_of(block, row).into_iter().next().unwrap_or_else(|| Expr::null(Type::Text));
        let mut tests = Vec::new();
        for (day, used_on) in days {
            let known = day.clone().is_known();
            tests.push(known);
            tests.push(self.valid(block, &subject, &Expr::text(""), &day, &wanted, used_on));
            if let Some(own) = &own {
                let of_sample = self.valid(block, &subject, own, &day, &wanted, used_on);
                let kept = self.kept_events();
                let none = Expr::InStep {
                    values: vec![subject.clone(), own.clone()],
                    step: kept,
                    columns: vec!["subject_id".to_owned(), "own".to_owned()],
                }
                .not();
                tests.push(Expr::Or(vec![none, of_sample]));
            }
        }
        Expr::and(tests)
    }

    pub(crate) fn valid(
        &mut self,
        block: &mut Block,
        subject: &Expr,
        own: &Expr,
        day: &Expr,
        purpose: &policy::consent::Purpose,
        used_on: Option<jiff::civil::Date>,
    ) -> Expr {
        let mut core = block.clone();
        let legs = std::mem::take(&mut core.legs);
        let needed = |alias: &str| expr_uses(day, alias);
        core.joins
            .retain(|join| !legs.iter().any(|leg| leg == join.source.alias()) || needed(join.source.alias()));
        let asked = Select {
            distinct: true,
            ..core.select(
                named([("subject_id", subject.clone()), ("own", own.clone()), ("at", day.clone())]),
                vec![day.clone().is_known(), subject.clone().is_known()],
            )
        };
        let number = self.steps.len();
        let asked = self.select("consent_asked_row", "subjects and days that the query asks about", asked);
        let answers = self.answers(asked, &format!("consent_{number}"), purpose, used_on);
        let alias = block.alias(&format!("consent_{number}"));
        let on = Expr::and([
            Expr::equal(Expr::column(&alias, "subject_id", Type::Text), subject.clone()),
            Expr::equal(Expr::column(&alias, "own", Type::Text), own.clone()),
            Expr::equal(Expr::column(&alias, "at", Type::Date), day.clone()),
        ]);
        block.join(JoinKind::Left, from(answers, &alias), on);
        block.legs.push(alias.clone());
        Expr::IsTrue(Box::new(Expr::equal(Expr::column(&alias, "answer", Type::Int), Expr::int(2))))
    }
}

fn expr_uses(expr: &Expr, alias: &str) -> bool {
    let mut uses = false;
    crate::lower::prune::each_column(expr, &mut |source, _| uses |= source == alias);
    uses
}
