//! Code systems whose hierarchy lies in the spelling: what a code stands for, everything that begins
//! with it stands for too.
//!
//! `ICD10:E11` holds `ICD10:E11.9`, `ATC:A10` holds `ATC:A10BA02`. The rule needs no table; a table of
//! codes ([`Classification`]) adds labels and tells which codes exist. Blocks of ICD-10 such as
//! `E10-E14`, which are ranges and not prefixes, are not codes here.

use super::OntologyError;
use super::open::at;

/// The systems that this module knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum System {
    /// WHO's Anatomical Therapeutic Chemical classification of drugs; levels of 1, 3, 4, 5, 7 characters.
    Atc,
    /// ICD-10: a letter, two characters, and after a point what is more.
    Icd10,
    /// The clinical modification of ICD-10 of the United States; the same spelling.
    Icd10cm,
}

/// The codes of one release, with labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Classification {
    /// The system.
    pub system: System,
    /// The release.
    pub version: String,
    /// CURIE and label, in the byte order of CURIEs.
    codes: Vec<(String, String)>,
}

impl System {
    /// The system of a prefix; only these have their hierarchy in the spelling.
    pub fn of(prefix: &str) -> Option<System> {
        [System::Atc, System::Icd10, System::Icd10cm].into_iter().find(|system| system.prefix() == prefix)
    }

    /// What stands before the colon.
    pub fn prefix(self) -> &'static str {
        match self {
            System::Atc => "ATC",
            System::Icd10 => "ICD10",
            System::Icd10cm => "ICD10CM",
        }
    }

    /// The one spelling of a code, as a CURIE: upper case, and with the point of ICD-10 in its place.
    /// `code` may come with or without prefix, with or without the point. `None` if it has not the shape
    /// of a code of this system.
    pub fn canonical(self, code: &str) -> Option<String> {
        let local = match code.split_once(':') {
            Some((prefix, local)) if prefix == self.prefix() => local,
            Some(_) => return None,
            None => code,
        };
        let upper = local.to_ascii_uppercase();
        let bytes = upper.as_bytes();
        if !bytes.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'.') {
            return None;
        }
        match self {
            System::Atc => is_atc(bytes).then(|| format!("ATC:{upper}")),
            System::Icd10 | System::Icd10cm => {
                let head = upper.get(..3)?;
                let tail = upper.get(3..)?;
                let tail = tail.strip_prefix('.').unwrap_or(tail);
                let shaped = head.as_bytes()[0].is_ascii_alphabetic()
                    && head.as_bytes()[1].is_ascii_digit()
                    && !head.contains('.')
                    && !tail.contains('.')
                    && tail.len() <= 4
                    && !(tail.is_empty() && upper.ends_with('.'));
                let point = if tail.is_empty() { "" } else { "." };
                shaped.then(|| format!("{}:{head}{point}{tail}", self.prefix()))
            }
        }
    }
}

/// Whether the canonical CURIE `code` is `ancestor` or lies below it.
pub fn is_under(code: &str, ancestor: &str) -> bool {
    code.starts_with(ancestor)
}

impl Classification {
    /// The release `version` of `system`: line, code and label of each row, in any order.
    ///
    /// # Errors
    /// A code that has not the shape of one, or twice; with the line.
    pub fn read(
        system: System,
        version: &str,
        rows: impl IntoIterator<Item = (u64, String, String)>,
    ) -> Result<Classification, OntologyError> {
        let mut codes = Vec::new();
        for (line, code, label) in rows {
            let Some(canonical) = system.canonical(&code) else {
                return Err(at(line, format!("`{code}` is not a code of {}", system.prefix())));
            };
            codes.push((canonical, line, label));
        }
        codes.sort();
        if let Some(pair) = codes.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(at(pair[1].1, format!("{} is already on line {}", pair[1].0, pair[0].1)));
        }
        let codes = codes.into_iter().map(|(code, _, label)| (code, label)).collect();
        Ok(Classification { system, version: version.to_owned(), codes })
    }

    /// Canonical CURIE and label of every code, sorted.
    pub fn codes(&self) -> &[(String, String)] {
        &self.codes
    }

    /// The label of a canonical CURIE.
    pub fn label(&self, code: &str) -> Option<&str> {
        let at = self.codes.binary_search_by(|(other, _)| other.as_str().cmp(code)).ok()?;
        Some(&self.codes[at].1)
    }

    /// The codes that are `code` or lie below it, sorted; empty if none exists. Since codes sort by
    /// bytes, they lie side by side.
    pub fn descendants_or_self(&self, code: &str) -> &[(String, String)] {
        let from = self.codes.partition_point(|(other, _)| other.as_str() < code);
        let rest = &self.codes[from..];
        &rest[..rest.partition_point(|(other, _)| is_under(other, code))]
    }
}

/// Letter, two digits, letter, letter, two digits, cut after a level.
fn is_atc(bytes: &[u8]) -> bool {
    let shape = [true, false, false, true, true, false, false];
    matches!(bytes.len(), 1 | 3 | 4 | 5 | 7)
        && bytes
            .iter()
            .zip(shape)
            .all(|(b, letter)| if letter { b.is_ascii_uppercase() } else { b.is_ascii_digit() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling() {
        assert_eq!(System::Icd10.canonical("e119").as_deref(), Some("ICD10:E11.9"));
        assert_eq!(System::Icd10.canonical("ICD10:E11").as_deref(), Some("ICD10:E11"));
        assert_eq!(System::Icd10cm.canonical("C4A.0").as_deref(), Some("ICD10CM:C4A.0"));
        assert_eq!(System::Atc.canonical("A10BA02").as_deref(), Some("ATC:A10BA02"));
        for bad in ["E1", "E11.", "E11.9.1", "ICD10CM:E11", "É11", "", "E11-E14", "#REF!"] {
            assert_eq!(System::Icd10.canonical(bad), None, "{bad}");
        }
        for bad in ["A1", "A10B0", "10A", "A10BA0"] {
            assert_eq!(System::Atc.canonical(bad), None, "{bad}");
        }
    }

    #[test]
    fn descendants_by_prefix() {
        let rows = ["E119", "E11", "E110", "E10"].map(|code| (1, code.to_owned(), code.to_lowercase()));
        let icd = Classification::read(System::Icd10, "2019", rows).unwrap();
        let under: Vec<_> =
            icd.descendants_or_self("ICD10:E11").iter().map(|(code, _)| code.as_str()).collect();
        assert_eq!(under, ["ICD10:E11", "ICD10:E11.0", "ICD10:E11.9"]);
        assert_eq!(icd.label("ICD10:E11.0"), Some("e110"));
        assert!(icd.descendants_or_self("ICD10:Z").is_empty());
    }
}
