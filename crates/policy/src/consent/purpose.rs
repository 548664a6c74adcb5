//! The purpose of 3.3: what the data is used for, by whom and where.
//!
//! A purpose for diseases without a disease, or for general research with one, cannot be built. Reading it
//! from the words of an agreement belongs to the language; reading it from the field names of 3.3 (JSON) is
//! here.

use std::collections::BTreeSet;
use std::fmt;

use serde::Deserialize;

/// What the data is used for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Fields")]
pub struct Purpose {
    /// The primary use, with its diseases.
    pub aim: Aim,
    /// The flags that are true.
    pub flags: BTreeSet<Flag>,
    /// `party`: who uses it.
    pub party: Option<String>,
    /// `institution`: where that is.
    pub institution: Option<String>,
    /// `project`.
    pub project: Option<String>,
    /// `region`.
    pub region: Option<String>,
}

impl Purpose {
    /// A purpose with no flag and no place.
    pub fn new(aim: Aim) -> Self {
        Self { aim, flags: BTreeSet::new(), party: None, institution: None, project: None, region: None }
    }

    /// Is the flag true?
    pub fn has(&self, flag: Flag) -> bool {
        self.flags.contains(&flag)
    }

    /// A place of the purpose, if it says.
    pub fn place(&self, place: Place) -> Option<&str> {
        match place {
            Place::Party => self.party.as_deref(),
            Place::Institution => self.institution.as_deref(),
            Place::Project => self.project.as_deref(),
            Place::Region => self.region.as_deref(),
        }
    }
}

/// As an agreement spells it: `DS [DOID:114] with genetic, irb in region "BE"`.
impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.aim.primary())?;
        let diseases: Vec<&str> = self.aim.diseases().collect();
        if !diseases.is_empty() {
            write!(f, " [{}]", diseases.join(", "))?;
        }
        let flags: Vec<&str> = self.flags.iter().map(|flag| flag.name()).collect();
        if !flags.is_empty() {
            write!(f, " with {}", flags.join(", "))?;
        }
        for place in Place::ALL {
            if let Some(said) = self.place(place) {
                write!(f, " in {} {said:?}", place.name())?;
            }
        }
        Ok(())
    }
}

/// A primary use together with the diseases it may or must name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Aim {
    /// General research.
    General,
    /// Health, medical and biomedical research.
    Hmb,
    /// Research on the diseases named.
    Ds(DiseaseIds),
    /// Population origins and ancestry.
    Poa,
    /// Development of methods, possibly for certain diseases.
    Methods(Option<DiseaseIds>),
    /// Clinical care.
    Cc,
}

impl Aim {
    /// The primary use alone.
    pub fn primary(&self) -> Primary {
        match self {
            Aim::General => Primary::General,
            Aim::Hmb => Primary::Hmb,
            Aim::Ds(_) => Primary::Ds,
            Aim::Poa => Primary::Poa,
            Aim::Methods(_) => Primary::Methods,
            Aim::Cc => Primary::Cc,
        }
    }

    /// The diseases, in the order of their ids; none for most uses.
    pub fn diseases(&self) -> impl Iterator<Item = &str> {
        let ids = match self {
            Aim::Ds(ids) => Some(ids),
            Aim::Methods(ids) => ids.as_ref(),
            Aim::General | Aim::Hmb | Aim::Poa | Aim::Cc => None,
        };
        ids.into_iter().flat_map(|ids| ids.0.iter().map(String::as_str))
    }
}

/// One or more disease ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiseaseIds(BTreeSet<String>);

impl DiseaseIds {
    /// None if there is not a single one.
    pub fn new(ids: impl IntoIterator<Item = String>) -> Option<Self> {
        let ids: BTreeSet<String> = ids.into_iter().collect();
        (!ids.is_empty()).then_some(Self(ids))
    }
}

/// The primary uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Primary {
    /// GENERAL
    General,
    /// HMB
    Hmb,
    /// DS
    Ds,
    /// POA
    Poa,
    /// METHODS
    Methods,
    /// CC
    Cc,
}

impl Primary {
    /// All of them, in the order of 3.3.
    pub const ALL: [Primary; 6] =
        [Primary::General, Primary::Hmb, Primary::Ds, Primary::Poa, Primary::Methods, Primary::Cc];

    /// As 3.3 spells it.
    pub fn name(self) -> &'static str {
        match self {
            Primary::General => "GENERAL",
            Primary::Hmb => "HMB",
            Primary::Ds => "DS",
            Primary::Poa => "POA",
            Primary::Methods => "METHODS",
            Primary::Cc => "CC",
        }
    }
}

impl fmt::Display for Primary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What else is true of a use; false unless said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flag {
    /// By somebody who works for profit.
    ForProfit,
    /// For a commercial end.
    Commercial,
    /// A genetic study.
    Genetic,
    /// Origins and ancestry are studied.
    Ancestry,
    /// Results are published.
    Publish,
    /// Results are returned to the database.
    ReturnResults,
    /// An ethics board approved.
    Irb,
    /// People are contacted.
    Contact,
}

impl Flag {
    /// All of them, in the order of 3.3.
    pub const ALL: [Flag; 8] = [
        Flag::ForProfit,
        Flag::Commercial,
        Flag::Genetic,
        Flag::Ancestry,
        Flag::Publish,
        Flag::ReturnResults,
        Flag::Irb,
        Flag::Contact,
    ];

    /// As 3.3 spells it.
    pub fn name(self) -> &'static str {
        match self {
            Flag::ForProfit => "for_profit",
            Flag::Commercial => "commercial",
            Flag::Genetic => "genetic",
            Flag::Ancestry => "ancestry",
            Flag::Publish => "publish",
            Flag::ReturnResults => "return_results",
            Flag::Irb => "irb",
            Flag::Contact => "contact",
        }
    }
}

/// The places of a purpose that scope rows are compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// `party`
    Party,
    /// `institution`
    Institution,
    /// `project`
    Project,
    /// `region`
    Region,
}

impl Place {
    /// All of them, in the order of 3.3.
    pub const ALL: [Place; 4] = [Place::Party, Place::Institution, Place::Project, Place::Region];

    /// As 3.3 spells it.
    pub fn name(self) -> &'static str {
        match self {
            Place::Party => "party",
            Place::Institution => "institution",
            Place::Project => "project",
            Place::Region => "region",
        }
    }
}

/// A purpose by the field names of 3.3.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "the flags are fields of their own in 3.3")]
struct Fields {
    primary: Option<Primary>,
    diseases: Vec<String>,
    for_profit: bool,
    commercial: bool,
    genetic: bool,
    ancestry: bool,
    publish: bool,
    return_results: bool,
    irb: bool,
    contact: bool,
    party: Option<String>,
    institution: Option<String>,
    project: Option<String>,
    region: Option<String>,
}

impl TryFrom<Fields> for Purpose {
    type Error = String;

    fn try_from(fields: Fields) -> Result<Self, String> {
        let primary = fields.primary.ok_or("a purpose needs a primary use")?;
        let ids = DiseaseIds::new(fields.diseases);
        let aim = match (primary, ids) {
            (Primary::Ds, Some(ids)) => Aim::Ds(ids),
            (Primary::Ds, None) => return Err("DS needs a disease".to_owned()),
            (Primary::Methods, ids) => Aim::Methods(ids),
            (Primary::General, None) => Aim::General,
            (Primary::Hmb, None) => Aim::Hmb,
            (Primary::Poa, None) => Aim::Poa,
            (Primary::Cc, None) => Aim::Cc,
            (Primary::General | Primary::Hmb | Primary::Poa | Primary::Cc, Some(_)) => {
                return Err(format!("{primary} names no disease"));
            }
        };
        let flags = Flag::ALL
            .into_iter()
            .filter(|flag| match flag {
                Flag::ForProfit => fields.for_profit,
                Flag::Commercial => fields.commercial,
                Flag::Genetic => fields.genetic,
                Flag::Ancestry => fields.ancestry,
                Flag::Publish => fields.publish,
                Flag::ReturnResults => fields.return_results,
                Flag::Irb => fields.irb,
                Flag::Contact => fields.contact,
            })
            .collect();
        Ok(Self {
            aim,
            flags,
            party: fields.party,
            institution: fields.institution,
            project: fields.project,
            region: fields.region,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_purpose_is_spelled_as_in_an_agreement() {
        let json =
            r#"{"primary": "DS", "diseases": ["DOID:114"], "irb": true, "genetic": true, "region": "BE"}"#;
        let purpose: Purpose = serde_json::from_str(json).expect("a purpose");
        assert_eq!(purpose.to_string(), r#"DS [DOID:114] with genetic, irb in region "BE""#);
    }

    #[test]
    fn diseases_belong_to_ds_and_methods() {
        let read = |text: &str| serde_json::from_str::<Purpose>(text).map_err(|e| e.to_string());
        assert_eq!(
            read(r#"{"primary": "METHODS", "irb": true}"#).map(|p| (p.aim, p.flags.len())),
            Ok((Aim::Methods(None), 1))
        );
        let ds = read(r#"{"primary": "DS", "diseases": ["B", "A", "B"]}"#).expect("a purpose");
        assert_eq!(ds.aim.diseases().collect::<Vec<_>>(), ["A", "B"]);
        assert_eq!(read(r#"{"primary": "DS"}"#), Err("DS needs a disease".to_owned()));
        assert_eq!(read(r#"{"primary": "HMB", "diseases": ["A"]}"#), Err("HMB names no disease".to_owned()));
        assert_eq!(read("{}"), Err("a purpose needs a primary use".to_owned()));
    }
}
