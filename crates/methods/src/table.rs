//! Tables in words: where the rows come from, which stay, what they are grouped by, what is shown.

use crate::literal::{alleles, literal};
use crate::{Described, Words, listed};
use types::{
    Frequency, GroupCell, GroupKey, KeyDomain, Pooled, Regroup, RowsSource, ShownExpr, Table, TableBody,
    TableId, Type, Value,
};

/// The counting of alleles (language.md, section 4, "Identity and frequency").
const COUNTING: &str = "An allele is its build, contig, position, reference and alternate after left alignment and trimming. Of each person one sample counts: the newest that passes quality control. Copies expected follow the sex chromosomes, or the sex where no karyotype is recorded: on autosomes and pseudoautosomal regions 2, on X as many as X, on Y as many as Y, on MT 1; people of unknown sex are eligible on autosomes, pseudoautosomal regions and MT only. A heterozygous call where one copy is expected counts as missing, a half call gives its one known allele, and a site without a record is reference only where the sample was covered. Counts come from genotypes.";

impl Words<'_> {
    /// A table after what it stands on.
    pub(crate) fn table(&self, id: TableId) {
        let Some(table) = self.query.tables.get(id.0 as usize) else { return };
        if !self.first_time(Described::Table(id)) {
            return;
        }
        if let Some(id) = table.cohort {
            self.cohort(id);
        }
        for step in table.each.iter().flat_map(|each| &each.rows.steps) {
            if let RowsSource::Inherited(inherited) = &step.source {
                inherited.affected.into_iter().for_each(|id| self.cohort(id));
            }
        }
        let frequencies = frequencies(&table.body);
        frequencies.iter().filter_map(|frequency| frequency.cohort).for_each(|id| self.cohort(id));
        let rules = table.rules.iter().map(|rule| &rule.condition);
        let each = table.each.iter().flat_map(types::Each::conditions);
        let people = frequencies.iter().flat_map(|frequency| &frequency.conditions);
        rules.chain(each).chain(people).for_each(|expr| self.before(expr));
        self.of_cells(table);
        self.enter(&table.row);
        self.source(table);
        self.body(table);
        if let Some(regroup) = &table.regroup {
            self.say(self.regroup(regroup, table));
        }
        self.columns(table);
        self.after(table);
        self.say(self.released_table(table));
    }

    /// What cells read of other items.
    fn of_cells(&self, table: &Table) {
        let values = match &table.body {
            TableBody::Rows { values } | TableBody::Frequency { values, .. } => values.as_slice(),
            TableBody::Groups { .. } => &[],
        };
        for value in values {
            self.before(value);
        }
        keys_of(&table.body).for_each(|key| self.before(&key.value));
        for shown in &table.shown {
            if let ShownExpr::Cell(GroupCell::Aggregate { argument, filter, .. }) = &shown.value {
                argument.iter().chain(filter).for_each(|expr| self.before(expr));
            }
        }
    }

    /// Where its rows come from, and which stay.
    fn source(&self, table: &Table) {
        let entity = self.input.model.entity(table.row.entity);
        let source = match table.cohort {
            Some(id) => format!("the members of cohort `{}`", self.cohort_name(id)),
            None if entity.name == "variant" => {
                "the alleles with at least one known copy in a permitted sample, and the alleles that the question names"
                    .to_owned()
            }
            None if entity.linkage == model::Linkage::Public => format!("the public {}", entity.plural),
            None if entity.linkage == model::Linkage::Subject => "all people whose consent holds".to_owned(),
            None => format!("the {} of people whose consent holds", entity.plural),
        };
        let start = format!("Table `{}` is taken from {source}.", table.name);
        let mut done = 0;
        let mut text = start;
        for each in &table.each {
            let rules = table.rules.get(done..each.after).unwrap_or_default();
            text += &self.rules(rules, "row");
            done = each.after;
            self.say(std::mem::take(&mut text));
            text = format!(
                "For each row there is then one row for each of the {}, where all of that is true.",
                self.rows(&each.rows, true)
            );
        }
        text += &self.rules(table.rules.get(done..).unwrap_or_default(), "row");
        self.say(text);
    }

    /// What a row is.
    fn body(&self, table: &Table) {
        let entity = self.input.model.entity(table.row.entity);
        match &table.body {
            TableBody::Rows { values: _ } => {
                if table.each.is_empty() {
                    self.say(format!("It has a row for each {}.", entity.name));
                }
            }
            TableBody::Groups { keys, totals } => {
                if keys.is_empty() {
                    self.say("It has one row, for all of them together.".to_owned());
                } else {
                    self.say(self.keys("It has a row", keys, *totals));
                }
            }
            TableBody::Frequency { frequencies, pooled, values: _, named } => {
                if let Some(pooled) = pooled {
                    self.say(self.pooled(pooled));
                }
                for frequency in frequencies {
                    self.say(self.frequency(frequency, pooled.is_some()));
                }
                let mut text = COUNTING.to_owned();
                if !named.is_empty() {
                    text += &format!(
                        " Also where nobody carries them these alleles are listed: {}.",
                        alleles(named)
                    );
                }
                self.say(text);
            }
        }
    }

    fn pooled(&self, pooled: &Pooled) -> String {
        format!(
            "{} Of a group of alleles, carriers are people with at least one known copy of at least one of them, each counted once, and people are those eligible for at least one.",
            self.keys("Alleles are pooled", &pooled.keys, pooled.totals)
        )
    }

    fn frequency(&self, frequency: &Frequency, pooled: bool) -> String {
        self.enter(&frequency.row);
        let who = match (frequency.cohort, frequency.samples) {
            (Some(id), false) => format!("the members of cohort `{}`", self.cohort_name(id)),
            (Some(id), true) => format!("samples of the members of cohort `{}`", self.cohort_name(id)),
            (None, true) => "permitted samples".to_owned(),
            (None, false) => "people whose consent holds".to_owned(),
        };
        let name = if frequency.name.is_empty() { String::new() } else { format!(" `{}`", frequency.name) };
        let of = if pooled { "group of alleles" } else { "allele" };
        let mut text = format!("For each {of} its frequency{name} is counted among {who}");
        if !frequency.conditions.is_empty() {
            let conditions = frequency.conditions.iter().collect();
            text += &format!(" such that {}", self.within(Some(frequency.row.id), || self.all(conditions)));
        }
        text += ".";
        if !frequency.keys.is_empty() {
            text += " ";
            text += &self.within(Some(frequency.row.id), || {
                self.keys("The counts are taken", &frequency.keys, frequency.totals)
            });
        }
        text
    }

    /// Keys with the values that they can have.
    pub(crate) fn keys(&self, start: &str, keys: &[GroupKey], totals: bool) -> String {
        let of_key = |key: &GroupKey| {
            let domain = match &key.domain {
                KeyDomain::Closed(values) => self.domain(values, &key.value.ty),
                KeyDomain::Open => "the values found".to_owned(),
            };
            let value = self.value(&key.value);
            format!("`{}`, which is {value} ({domain})", key.name)
        };
        let open = keys.iter().any(|key| key.domain == KeyDomain::Open);
        let closed = keys.iter().any(|key| key.domain != KeyDomain::Open);
        let words: Vec<String> = keys.iter().map(of_key).collect();
        let totals = if totals { ", and another over all groups" } else { "" };
        let each = if words.len() > 1 { "each combination of" } else { "each" };
        let mut text = format!("{start} for {each} {}{totals}.", words.join(" and "));
        match (open, closed) {
            (false, _) => text += " Combinations that nobody is in are rows too.",
            (true, true) => text += " Listed values that nobody has are rows too, beside each value found.",
            (true, false) => {}
        }
        text + " What is missing is a group `not recorded`, after the others, and counts in totals."
    }

    fn domain(&self, values: &[Value], ty: &Type) -> String {
        match (ty, values) {
            // Every band and every month has a row; the ends say which.
            (Type::Band { .. } | Type::Month, [first, .., last]) if values.len() > 4 => {
                let whole = match (ty, last) {
                    (Type::Band { .. }, Value::Int(low)) => format!("{low} and above"),
                    (_, _) => literal(last, ty),
                };
                format!("{} values, {} to {whole}", values.len(), literal(first, ty))
            }
            (_, _) => {
                let values: Vec<String> = values.iter().map(|value| literal(value, ty)).collect();
                format!("one of {}", values.join(", "))
            }
        }
    }

    /// Groups of released rows.
    fn regroup(&self, regroup: &Regroup, table: &Table) -> String {
        let keys = regroup.keys as usize;
        let words: Vec<String> = regroup
            .values
            .iter()
            .take(keys)
            .map(|value| format!("`{}`, which is {}", value.name, self.shown(&value.value, table)))
            .collect();
        format!(
            "What is released of these rows is grouped once more, a row for each {}; rows of totals are left out, and nothing but released cells is read.",
            listed(&words, "and")
        )
    }

    fn columns(&self, table: &Table) {
        let columns: Vec<String> = table
            .shown
            .iter()
            .map(|shown| format!("- `{}`: {}", shown.name, self.shown(&shown.value, table)))
            .collect();
        self.say(format!("It shows:\n\n{}", columns.join("\n")));
    }

    /// What is kept, in which order, how many.
    fn after(&self, table: &Table) {
        let mut after = Vec::new();
        for kept in &table.kept {
            after.push(format!(
                "Of the released rows those are kept for which {}; a withheld value decides only where the interval that is known of it does.",
                self.shown(kept, table)
            ));
        }
        if !table.order.is_empty() {
            let keys: Vec<String> = table
                .order
                .iter()
                .map(|(key, descending)| {
                    format!(
                        "{}{}",
                        self.shown(key, table),
                        if *descending { " (greatest first)" } else { "" }
                    )
                })
                .collect();
            after.push(format!("Rows are in the order of {}, then of their keys.", keys.join(", then ")));
        }
        if let Some(limit) = table.limit {
            after.push(format!("The first {limit} rows are shown."));
        }
        if !after.is_empty() {
            self.say(after.join(" "));
        }
    }
}

/// The frequencies of a table.
pub(crate) fn frequencies(body: &TableBody) -> &[Frequency] {
    match body {
        TableBody::Frequency { frequencies, .. } => frequencies,
        TableBody::Rows { .. } | TableBody::Groups { .. } => &[],
    }
}

/// The keys of a table's rows in the order of [`GroupCell::Key`].
pub(crate) fn keys_of(body: &TableBody) -> impl Iterator<Item = &GroupKey> {
    let (first, then): (&[GroupKey], &[GroupKey]) = match body {
        TableBody::Groups { keys, .. } => (keys, &[]),
        TableBody::Frequency { frequencies, pooled, .. } => (
            pooled.as_ref().map_or(&[], |pooled| pooled.keys.as_slice()),
            frequencies.first().map_or(&[], |frequency| frequency.keys.as_slice()),
        ),
        TableBody::Rows { .. } => (&[], &[]),
    };
    first.iter().chain(then)
}
