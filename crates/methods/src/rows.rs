//! Related rows in words: which, of whom, narrowed by what.

use crate::{Words, listed};
use types::{Expr, Inherited, PickOrder, Rows, RowsSource};

impl Words<'_> {
    /// "measurements of the subject for which …"; in the singular without `many`.
    pub(crate) fn rows(&self, rows: &Rows, many: bool) -> String {
        let mut text = String::new();
        for (at, step) in rows.steps.iter().enumerate().rev() {
            let last = at + 1 == rows.steps.len();
            let entity = self.input.model.entity(step.row.entity);
            let name = if last && !many { &entity.name } else { &entity.plural };
            let name = match &step.source {
                RowsSource::Relation(..) => name.clone(),
                RowsSource::Carried { .. } => {
                    format!("{name} carried in the chosen sample (at least one known copy)")
                }
                RowsSource::Episodes { of, gap, each_code } => {
                    self.episodes(of, gap, *each_code, last && !many)
                }
                RowsSource::Inherited(inherited) => format!("{name}{}", self.inherited(inherited)),
            };
            if !last {
                text += " of ";
            }
            text += &name;
            if !step.conditions.is_empty() {
                let conditions: Vec<String> =
                    step.conditions.iter().map(|condition| self.condition(condition)).collect();
                text += &format!(" (for which {})", conditions.join(", and "));
            }
        }
        text += &format!(" of {}", self.row(&rows.around));
        if rows.each_other.different_days {
            text += ", those of one day counted once";
        }
        if let Some(within) = &rows.each_other.within {
            text += &format!(", all within {} from the earliest of them", self.value(within));
        }
        text
    }

    fn episodes(&self, of: &Rows, gap: &Expr, each_code: bool, one: bool) -> String {
        let name = match (each_code, one) {
            (false, true) => "episode",
            (false, false) => "episodes",
            (true, true) => "era (of rows of one code)",
            (true, false) => "eras (of rows of one code each)",
        };
        format!(
            "{name} put together of the {}, where no more than {} without any lie between the end of one and the start of the next",
            self.rows(of, true),
            self.value(gap)
        )
    }

    /// How candidates are found.
    fn inherited(&self, inherited: &Inherited) -> String {
        let mut modes: Vec<String> = inherited.modes.iter().map(|mode| format!("`{}`", mode.name)).collect();
        modes.push(format!(
            "`{}` (two alleles of a gene that are not known to lie on the same copy)",
            inherited.pair.name
        ));
        let depth = inherited.depth.map_or(String::new(), |depth| {
            format!("; a genotype covered by fewer than {depth} reads, or by an unknown number, is not known")
        });
        let affected = match inherited.affected {
            Some(cohort) => format!(
                "; affected are the members of cohort `{}`, and the family are the parents and whoever has the same family",
                self.cohort_name(cohort)
            ),
            None => "; of relatives it is not known whether they are affected".to_owned(),
        };
        format!(
            " by mode of inheritance ({}, as the library defines them by the genotypes of {}, {} and {}{depth}{affected}) among {}",
            listed(&modes, "or"),
            self.row(&inherited.child),
            self.row(&inherited.mother),
            self.row(&inherited.father),
            self.rows(&inherited.alleles, true),
        )
    }

    pub(crate) fn picked(&self, rows: &Rows, order: &PickOrder, value: &Expr) -> String {
        let by = match &order.by {
            Some(by) => self.value(by),
            None => "date".to_owned(),
        };
        let which = match (order.nth, order.descending) {
            (1, false) => "first".to_owned(),
            (1, true) => "last".to_owned(),
            (nth, false) => format!("number {nth}"),
            (nth, true) => format!("number {nth} from the end"),
        };
        format!("{} in the {which}, by {by}, of the {}", self.value(value), self.rows(rows, true))
    }
}
