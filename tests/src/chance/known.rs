//! The names that warehouses and programs of chance share, so that programs ask for what may be there.

/// Days on which much happens: edges of months and leap years, and the days of the questions.
pub(super) const DAYS: [&str; 10] = [
    "2022-05-05",
    "2023-01-31",
    "2023-12-31",
    "2024-01-01",
    "2024-02-29",
    "2024-03-01",
    "2024-07-01",
    "2024-07-02",
    "2023-02-28",
    "2024-06-30",
];
/// Terms of HP that `hp.obo` has.
pub(super) const TERMS: [&str; 8] = [
    "HP:0001250",
    "HP:0002069",
    "HP:0002197",
    "HP:0001249",
    "HP:0012638",
    "HP:0001638",
    "HP:0001639",
    "HP:0001626",
];
/// Diagnoses.
pub(super) const DIAGNOSES: [&str; 7] =
    ["ICD10:E11", "ICD10:E11.9", "ICD10:E10", "ICD10:I21.4", "ICD10:I22", "ICD10:G20", "ICD10:G40"];
/// Drugs.
pub(super) const DRUGS: [&str; 4] = ["ATC:A10BA02", "ATC:A10BA02", "ATC:A10AB01", "ATC:C10AX13"];
/// Codes of measurements.
pub(super) const MEASURED: [&str; 4] = ["LOINC:4548-4", "LOINC:59261-8", "LOINC:2093-3", "LOINC:29463-7"];
/// Sites.
pub(super) const SITES: [&str; 3] = ["north", "south", ""];
/// Kit lots.
pub(super) const LOTS: [&str; 4] = ["A", "B", "C", ""];
/// Alleles that some have, and one that no file has.
pub(super) const ALLELES: [&str; 9] = [
    "GRCh38:chr1:1000:A:G",
    "GRCh38:chr1:2000:C:T",
    "GRCh38:chr1:2000:C:G",
    "GRCh38:chr2:3000:G:A",
    "GRCh38:chr2:4000:C:T",
    "GRCh38:chrX:20000:A:C",
    "GRCh38:chrX:5000000:G:A",
    "GRCh38:chrMT:100:A:G",
    "NM_000257.4:c.10A>G",
];
