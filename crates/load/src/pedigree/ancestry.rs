//! Populations of the 1000 Genomes Project and the super-populations they belong to.
//!
//! Source: the list of populations of the International Genome Sample Resource, phase 3,
//! <https://www.internationalgenome.org/category/population/>.

const POPULATIONS: [(&str, &str); 26] = [
    ("ACB", "AFR"),
    ("ASW", "AFR"),
    ("BEB", "SAS"),
    ("CDX", "EAS"),
    ("CEU", "EUR"),
    ("CHB", "EAS"),
    ("CHS", "EAS"),
    ("CLM", "AMR"),
    ("ESN", "AFR"),
    ("FIN", "EUR"),
    ("GBR", "EUR"),
    ("GIH", "SAS"),
    ("GWD", "AFR"),
    ("IBS", "EUR"),
    ("ITU", "SAS"),
    ("JPT", "EAS"),
    ("KHV", "EAS"),
    ("LWK", "AFR"),
    ("MSL", "AFR"),
    ("MXL", "AMR"),
    ("PEL", "AMR"),
    ("PJL", "SAS"),
    ("PUR", "AMR"),
    ("STU", "SAS"),
    ("TSI", "EUR"),
    ("YRI", "AFR"),
];

/// The super-population of a population code.
pub(super) fn of(population: &str) -> Option<&'static str> {
    POPULATIONS.iter().find(|(code, _)| *code == population).map(|(_, ancestry)| *ancestry)
}
