//! Section 3.3 as SQL text: what the terms of a scope row answer to one purpose.
//!
//! Written from the tables of the design, not from the data that the lowering prints from. 0 is no, 1 is
//! refer, 2 is yes.

use crate::demand::ConsentDemand;
use policy::consent::{Aim, Flag, Purpose};

const NRES: &str = "DUO:0000004";
const GRU: &str = "DUO:0000042";
const HMB: &str = "DUO:0000006";
const DS: &str = "DUO:0000007";
const POA: &str = "DUO:0000011";
const CC: &str = "DUO:0000043";
const BASES: [&str; 6] = [NRES, GRU, HMB, DS, POA, CC];

/// What is asked of the scope rows for one purpose.
pub(super) struct Asker<'a> {
    pub(super) demand: &'a ConsentDemand,
    pub(super) purpose: &'a Purpose,
    /// U as SQL: a day, or the day that is asked about.
    pub(super) used: &'a str,
}

impl Asker<'_> {
    /// The arguments of `least` over the rows of a branch: its base, its modifiers, its unknown terms.
    pub(super) fn tests(&self) -> String {
        let bases = list(&BASES);
        let mut tests = vec![format!(
            "coalesce(max(CAST({} AS BIGINT)) FILTER (WHERE c.term IN ({bases})), 0)",
            self.base(false)
        )];
        let mut terms: Vec<&str> = BASES.to_vec();
        for (term, test) in self.modifiers() {
            tests.push(test);
            terms.push(term);
        }
        let known = list(&terms);
        tests.push(format!(
            "CASE WHEN count(*) FILTER (WHERE NOT (c.term IS NOT NULL AND c.term IN ({known}))) > 0 THEN 1 ELSE 2 END"
        ));
        tests.join(", ")
    }

    /// What a deny row excludes; one that holds another term than a base must be referred.
    pub(super) fn excluded(&self) -> String {
        format!("CASE WHEN c.term IN ({}) THEN {} ELSE 1 END", list(&BASES), self.base(true))
    }

    fn base(&self, deny: bool) -> String {
        let ancestry = self.has(Flag::Ancestry);
        let yes = |yes: bool| if yes { "2" } else { "0" };
        let (gru, hmb, poa, cc) = match self.purpose.aim {
            Aim::General => ("2", "0", "0", "0"),
            Aim::Hmb | Aim::Ds(_) | Aim::Methods(_) => ("2", yes(!ancestry), "0", "0"),
            Aim::Poa => ("2", "0", "2", "0"),
            Aim::Cc => ("0", "1", "0", "2"),
        };
        let ds = format!(
            "CASE WHEN c.disease IN (SELECT known_disease.id FROM known_disease) THEN {} ELSE 1 END",
            self.disease(deny)
        );
        format!(
            "CASE WHEN c.term = '{NRES}' THEN 2 WHEN c.term = '{GRU}' THEN {gru} WHEN c.term = '{HMB}' THEN {hmb} \
             WHEN c.term = '{DS}' THEN {ds} WHEN c.term = '{POA}' THEN {poa} WHEN c.term = '{CC}' THEN {cc} ELSE 0 END"
        )
    }

    /// A row that names a known disease X: whether the purpose's diseases are X or below it, every one for a
    /// permission, any for a denial.
    fn disease(&self, deny: bool) -> String {
        let ids = match &self.purpose.aim {
            Aim::Ds(_) => self.purpose.aim.diseases().collect::<Vec<_>>(),
            Aim::Methods(None) => return "2".to_owned(),
            Aim::Methods(Some(_)) => self.purpose.aim.diseases().collect(),
            Aim::General | Aim::Hmb | Aim::Poa | Aim::Cc => return "0".to_owned(),
        };
        let above = |id: &str| self.demand.above.get(id).map_or(&[][..], Vec::as_slice);
        let mut covering: Vec<&str> = ids.iter().flat_map(|id| above(id)).map(String::as_str).collect();
        if !deny {
            covering.retain(|term| ids.iter().all(|id| above(id).iter().any(|other| other == term)));
        }
        covering.sort_unstable();
        covering.dedup();
        let condition = if covering.is_empty() {
            "FALSE".to_owned()
        } else {
            format!("c.disease IN ({})", list(&covering))
        };
        format!("CASE WHEN {condition} THEN 2 ELSE 0 END")
    }

    fn modifiers(&self) -> Vec<(&'static str, String)> {
        let methods = matches!(self.purpose.aim, Aim::Methods(_));
        let poa = matches!(self.purpose.aim, Aim::Poa);
        let (profit, commercial) = (self.has(Flag::ForProfit), self.has(Flag::Commercial));
        let places = self.purpose;
        let mut all = vec![
            ("DUO:0000045", yes_if(!profit)),
            ("DUO:0000046", yes_if(!commercial)),
            ("DUO:0000018", yes_if(!profit && !commercial)),
            ("DUO:0000016", yes_if(self.has(Flag::Genetic))),
            ("DUO:0000015", yes_if(!methods)),
            ("DUO:0000044", yes_if(!self.has(Flag::Ancestry) && !poa)),
            ("DUO:0000021", yes_if(self.has(Flag::Irb))),
            ("DUO:0000019", yes_if(self.has(Flag::Publish))),
            ("DUO:0000029", yes_if(self.has(Flag::ReturnResults))),
            ("DUO:0000022", one_of("DUO:0000022", "region", places.region.as_deref(), "1")),
            ("DUO:0000026", one_of("DUO:0000026", "party", places.party.as_deref(), "0")),
            ("DUO:0000027", one_of("DUO:0000027", "project", places.project.as_deref(), "0")),
            ("DUO:0000028", one_of("DUO:0000028", "party", places.institution.as_deref(), "0")),
            ("DUO:0000020", collaborator(places.party.as_deref())),
            ("DUO:0000012", "1".to_owned()),
        ];
        all = all.into_iter().map(|(term, answer)| (term, where_any(term, &answer))).collect();
        all.push(("DUO:0000025", every_row("DUO:0000025", &format!("{} < c.until_date", self.used))));
        let moratorium = if self.has(Flag::Publish) {
            format!("{} >= c.until_date", self.used)
        } else {
            "TRUE".to_owned()
        };
        all.push(("DUO:0000024", every_row("DUO:0000024", &moratorium)));
        all
    }

    fn has(&self, flag: Flag) -> bool {
        self.purpose.flags.contains(&flag)
    }
}

fn yes_if(yes: bool) -> String {
    if yes { "2" } else { "0" }.to_owned()
}

fn where_any(term: &str, answer: &str) -> String {
    format!("CASE WHEN count(*) FILTER (WHERE c.term = '{term}') > 0 THEN {answer} ELSE 2 END")
}

fn one_of(term: &str, column: &str, said: Option<&str>, unsaid: &str) -> String {
    match said {
        None => unsaid.to_owned(),
        Some(said) => format!(
            "CASE WHEN count(*) FILTER (WHERE c.term = '{term}' AND c.{column} = {}) > 0 THEN 2 ELSE 0 END",
            text(said)
        ),
    }
}

fn collaborator(said: Option<&str>) -> String {
    let named = one_of("DUO:0000020", "party", said, "0");
    format!(
        "CASE WHEN count(*) FILTER (WHERE c.term = 'DUO:0000020' AND c.party IS NULL) > 0 THEN 1 ELSE {named} END"
    )
}

fn every_row(term: &str, holds: &str) -> String {
    format!(
        "coalesce(min(CAST(CASE WHEN c.until_date IS NULL THEN 1 WHEN {holds} THEN 2 ELSE 0 END AS BIGINT)) \
         FILTER (WHERE c.term = '{term}'), 2)"
    )
}

/// Text between quotes.
fn text(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

fn list(values: &[&str]) -> String {
    values.iter().map(|value| text(value)).collect::<Vec<_>>().join(", ")
}
