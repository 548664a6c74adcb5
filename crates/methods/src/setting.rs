//! What everything stands on: the day, the agreement, consent, parameters; and what is done to results.

use crate::Words;
use crate::notes::Note;
use policy::{Grounds, Level};
use types::{Number, Table, TableBody};

impl Words<'_> {
    /// The day, the agreement, the consent, the parameters.
    pub(crate) fn setting(&self) -> String {
        let grounds = self.input.permitted.grounds();
        let mut sentences = Vec::new();
        if let Some((as_of, _)) = self.query.as_of {
            sentences.push(format!(
                "The question is asked as of {as_of}: rows dated later do not exist for it, an interval that began on or before that day and ended later counts as ongoing, a later death is not known, and rows without a date are kept."
            ));
        }
        sentences.push(consent(grounds));
        if !self.query.params.is_empty() {
            let values: Vec<String> =
                self.query.params.iter().map(|(name, value)| format!("`{name}` is {value}")).collect();
            sentences.push(format!("Parameters: {}.", crate::listed(&values, "and")));
        }
        sentences.join(" ")
    }

    /// What release does to a table.
    pub(crate) fn released_table(&self, table: &Table) -> String {
        let entity = self.input.model.entity(table.row.entity);
        let of_people = table.cohort.is_some()
            || entity.linkage != model::Linkage::Public
            || entity.name == "variant"
            || matches!(table.body, TableBody::Frequency { .. });
        if !of_people || self.input.permitted.grounds().agreements.is_empty() {
            return "Only public data are shown, and nothing is withheld.".to_owned();
        }
        match &table.body {
            TableBody::Rows { .. } => {
                let level = match self.input.permitted.grounds().level {
                    Level::Record => "The agreement allows rows of single people",
                    Level::Count | Level::Aggregate => "Rows are released as the agreement allows",
                };
                format!(
                    "{level}; an identifier leaves as a pseudonym (an HMAC under a key of the agreement), never as itself."
                )
            }
            TableBody::Groups { .. } => self.release(false),
            TableBody::Frequency { .. } => self.release(true),
        }
    }

    /// What release does to numbers of people.
    pub(crate) fn release(&self, of_alleles: bool) -> String {
        let rules = &self.input.permitted.grounds().release;
        let mut sentences = vec![format!(
            "Cells of fewer than {} people are withheld, with as many others as it takes that none can be computed from the rest.",
            rules.min_subjects
        )];
        let zeros = if rules.zeros_shown { "shown" } else { "withheld" };
        sentences.push(format!(
            "Zeros are {zeros}; of a key without a closed list, values that fewer than {} people have are one row `other`.",
            rules.min_subjects
        ));
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
        if rules.margin < Number::int(1) {
            sentences.push(format!(
                "What more than {} of a group have is not told of the group where it is sensitive.",
                share(rules.margin)
            ));
        }
        sentences.push(format!(
            "Two sets of people of this and of earlier results differ by nobody or by at least {} people; else the later result is refused.",
            rules.difference
        ));
        if of_alleles {
            sentences.push(format!(
                "A frequency needs {} eligible people, and all counts of an allele with some but fewer than {} carriers are withheld together.",
                rules.frequency_min_subjects, rules.allele_min_carriers
            ));
        }
        sentences.join(" ")
    }

    /// The exact meaning of the words that were used, and the releases of the codes.
    pub(crate) fn exactly(&self) {
        let notes: Vec<String> =
            self.notes.borrow().iter().map(|note: &Note| format!("- {}", note.text())).collect();
        if !notes.is_empty() {
            self.say(format!("Exactly:\n\n{}", notes.join("\n")));
        }
        let systems = self.systems.borrow();
        let releases: Vec<String> = systems
            .iter()
            .filter_map(|system| {
                let (_, version) = self.input.releases.iter().find(|(known, _)| known == system)?;
                Some(format!("{system} {version}"))
            })
            .collect();
        if !releases.is_empty() {
            self.say(format!(
                "Codes and their descendants are those of the pinned releases: {}.",
                releases.join(", ")
            ));
        }
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
    let (agreement, stricter) = match names.as_slice() {
        [one] => (format!("agreement {one}"), ""),
        several => (
            format!("agreements {}", crate::listed(several, "and")),
            " Of each rule of the agreements the stricter value holds.",
        ),
    };
    format!(
        "Data are used under {agreement} for the purpose {purpose}{narrowed}. Only people whose consent covers it both as of that day and on the day of use are read, in every count and every denominator; of a person who withdrew access, only rows dated before the withdrawal.{stricter}"
    )
}

fn share(number: Number) -> String {
    number.scale(100, 1).map_or_else(|| number.to_string(), |percent| format!("{percent} %"))
}
