//! Units as sources name them, in UCUM.
//!
//! Phenopackets and Beacon name units by terms of UCUM itself or of the NCI Thesaurus. The table holds
//! the concepts of the Thesaurus (<https://evs.nci.nih.gov>, the units of CDISC among them) that the
//! sources seen so far use, each with its unit in UCUM (<https://ucum.org>). A unit that is not in it
//! is refused, because a value whose unit is lost means nothing.

const NCIT: [(&str, &str); 16] = [
    ("C25613", "%"),
    ("C28252", "kg"),
    ("C28253", "mg"),
    ("C49668", "cm"),
    ("C49670", "mm[Hg]"),
    ("C49671", "kg/m2"),
    ("C64387", "mmol/L"),
    ("C64783", "g/dL"),
    ("C67015", "mg/dL"),
    ("C67306", "ng/mL"),
    ("C67326", "ng/dL"),
    ("C67388", "L/min"),
    ("C67405", "u[IU]/mL"),
    ("C67419", "mm/h"),
    ("C67432", "nmol/L"),
    ("C67434", "pmol/L"),
];

/// The UCUM text of a unit: `UCUM:ng/mL` and `NCIT:C67306` are both `ng/mL`.
pub(crate) fn ucum(id: &str) -> Result<&str, String> {
    let known = match id.split_once(':') {
        Some(("UCUM", text)) if !text.is_empty() => Some(text),
        Some(("NCIT", code)) => NCIT.iter().find(|(other, _)| *other == code).map(|(_, text)| *text),
        Some(_) | None => None,
    };
    known.ok_or_else(|| {
        format!("`{id}` is not a unit of UCUM, or of the NCI Thesaurus as far as it is known here")
    })
}
