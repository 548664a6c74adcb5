//! Related rows in words: which, of whom, narrowed by what; one of them; what is made of all of them.

use crate::literal::literal;
use crate::notes::Note;
use crate::shown::aggregated;
use crate::{Words, listed};
use types::{AggregateFunction, Expr, Inherited, Kind, PickOrder, Rows, RowsSource, RowsStep, Value};

impl Words<'_> {
    /// "treatment of the subject (such that …)"; in the plural with `many`.
    pub(crate) fn rows(&self, rows: &Rows, many: bool) -> String {
        // Rows have their names before anything reads them.
        for step in &rows.steps {
            self.enter(&step.row);
            match &step.source {
                RowsSource::Relation(..) | RowsSource::Inherited(_) => {}
                RowsSource::Episodes { .. } => self.note(Note::Episodes),
                RowsSource::Carried { call } => {
                    self.enter_call(*call, step.row.id);
                    self.note(Note::Carried);
                }
            }
        }
        let mut text = self.row(&rows.around);
        let mut entity = rows.around.entity;
        for (at, step) in rows.steps.iter().enumerate() {
            let last = at + 1 == rows.steps.len();
            let name = self.step(step, entity, &mut text, many || !last);
            let conditions: Vec<&Expr> = step.conditions.iter().collect();
            let which = if conditions.is_empty() {
                String::new()
            } else {
                format!(" (such that {})", self.within(Some(step.row.id), || self.all(conditions)))
            };
            text = match &step.source {
                RowsSource::Episodes { of, gap, each_code } => {
                    let name = match (each_code, many || !last) {
                        (false, false) => "episode",
                        (false, true) => "episodes",
                        (true, false) => "era (of rows of one code)",
                        (true, true) => "eras (each of rows of one code)",
                    };
                    format!(
                        "{name} of the {}, over gaps of at most {}{which}",
                        self.rows(of, true),
                        self.value(gap)
                    )
                }
                RowsSource::Inherited(inherited) => format!("{name}{}{which}", self.inherited(inherited)),
                RowsSource::Relation(..) | RowsSource::Carried { .. } => format!("{name} of {text}{which}"),
            };
            entity = step.row.entity;
        }
        if rows.each_other.different_days {
            text += ", those of one day counted once";
        }
        if let Some(within) = &rows.each_other.within {
            self.note(Note::Months);
            text += &format!(", all within {} from the earliest of them", self.value(within));
        }
        text
    }

    /// The name of the rows of one step; a relation with a name of its own is named too.
    fn step(&self, step: &RowsStep, from: model::EntityId, around: &mut String, many: bool) -> String {
        let model = self.input.model;
        let of = model.entity(step.row.entity);
        let name = if many { &of.plural } else { &of.name };
        match &step.source {
            RowsSource::Relation(hops, relation) => {
                let mut entity = from;
                for hop in hops {
                    let walked = model.entity(entity).relation(*hop);
                    *around = if around == "it" {
                        format!("its {}", walked.name)
                    } else {
                        format!("the {} of {around}", walked.name)
                    };
                    entity = walked.target;
                }
                let relation = &model.entity(entity).relation(*relation).name;
                if *relation == of.plural || *relation == of.name {
                    name.clone()
                } else {
                    format!("{name} (`{relation}`)")
                }
            }
            RowsSource::Carried { .. } => format!("carried {name}"),
            RowsSource::Episodes { .. } | RowsSource::Inherited(_) => name.clone(),
        }
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

    /// What a lack of rows says, where a model declares when somebody looked.
    pub(crate) fn unless_assessed(&self, rows: &Rows) -> String {
        let assessed: Vec<String> = rows
            .steps
            .iter()
            .flat_map(|step| &step.bounds)
            .filter_map(|bound| match &bound.kind {
                Kind::Case(arms, otherwise) if otherwise.kind == Kind::Null => match arms.as_slice() {
                    [(when, _)] => Some(self.condition(when)),
                    _ => None,
                },
                _ => None,
            })
            .collect();
        if assessed.is_empty() {
            return String::new();
        }
        format!(", where absence counts only if {} (else it is unknown)", listed(&assessed, "and"))
    }

    /// "the date `started` of the first treatment of the subject".
    pub(crate) fn picked(&self, rows: &Rows, order: &PickOrder, value: &Expr) -> String {
        self.note(Note::Picks);
        let among = self.rows(rows, false);
        let Some(last) = rows.steps.last() else { return among };
        let by = match &order.by {
            Some(by) => format!(
                "by {}",
                self.within(Some(last.row.id), || self.ranked(by).unwrap_or_else(|| self.value(by)))
            ),
            None => "by date".to_owned(),
        };
        let which = match (order.nth, order.descending) {
            (1, false) => "first".to_owned(),
            (1, true) => "last".to_owned(),
            (nth, false) => format!("{nth}{}", ordinal(nth)),
            (nth, true) => format!("{nth}{} from the end", ordinal(nth)),
        };
        if matches!(
            &value.kind,
            Kind::Column(row, _) | Kind::Episode(row, _) if row.id == last.row.id && row.hops.is_empty()
        ) {
            let own = self.within(Some(last.row.id), || self.value(value));
            let own = own.strip_prefix("its ").unwrap_or(&own).to_owned();
            return format!("the {own} of the {which} ({by}) {among}");
        }
        let own = self.within(Some(last.row.id), || self.value(value));
        format!("{own}, read from the {which} ({by}) {among}")
    }

    /// "its `impact`, `high` before `moderate`": values that are put in an order of their own.
    fn ranked(&self, by: &Expr) -> Option<String> {
        let Kind::Case(arms, _) = &by.kind else { return None };
        let mut of = None;
        let mut members = Vec::new();
        for (at, (when, then)) in (0i64..).zip(arms) {
            let Kind::InValues(value, same) = &when.kind else { return None };
            let [member] = same.as_slice() else { return None };
            if then.kind != Kind::Literal(Value::Int(at)) || of.is_some_and(|of: &Expr| of.kind != value.kind)
            {
                return None;
            }
            members.push(literal(member, &value.ty));
            of = Some(value);
        }
        Some(format!("{}, in the order {}", self.value(of?), members.join(", ")))
    }

    /// An aggregate over rows of the current row.
    pub(crate) fn aggregate(
        &self,
        function: AggregateFunction,
        rows: &Rows,
        argument: Option<&Expr>,
        filter: Option<&Expr>,
    ) -> String {
        let among = self.rows(rows, true);
        let last = rows.steps.last().map(|step| step.row.id);
        let only = filter.map_or(String::new(), |filter| {
            format!(", of those only where {}", self.within(last, || self.condition(filter)))
        });
        match argument {
            None => format!("the number of {among}{only}"),
            Some(argument) => {
                let argument = self.within(last, || self.value(argument));
                format!("{} over the {among}{only}", aggregated(self, function, &argument))
            }
        }
    }
}

fn ordinal(number: i64) -> &'static str {
    match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        (_, _) => "th",
    }
}
