//! What words mean exactly. Each sentence is a rule of the language that the numbers depend on, said where its word
//! was used.

/// A word that is explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Note {
    /// Comparisons with what is missing.
    Unknown,
    /// `has`, `no`.
    Existence,
    /// `at least n`.
    Counting,
    /// Codes that are missing.
    Codes,
    /// Calendar months.
    Months,
    /// Completed years.
    Age,
    /// `first`, `last`, `nth`.
    Picks,
    /// Carried alleles.
    Carried,
    /// `episodes`, `eras`.
    Episodes,
    /// `consent valid`.
    Consent,
    /// Aggregates over related rows.
    Known,
    /// `in` a released column.
    Released,
    /// Medians.
    Median,
    /// Other quantiles.
    Quantile,
    /// Shares.
    Share,
    /// Arithmetic after `show`.
    Arithmetic,
}

impl Note {
    /// The rule in a sentence.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Note::Unknown => {
                "Unknown: a comparison with a missing value is unknown; \"and\" is false when one part is false, \"or\" true when one part is true, and otherwise they are unknown when a part is; \"not\" leaves unknown unknown."
            }
            Note::Existence => {
                "There is a row when the conditions are true for some row. Else it is unknown when they are unknown for some row, or when a bound of a window is missing. Else there is none."
            }
            Note::Counting => {
                "At least n: true when n rows are true; false when the true and the unknown rows together are fewer than n; else, or when a bound of a window is missing, unknown. At most and exactly follow."
            }
            Note::Codes => "A missing code, and one that is not mapped, is in no set of codes.",
            Note::Months => {
                "Calendar months and years lead to the same day of the month, or to its last day where the month is shorter; days are exact."
            }
            Note::Age => {
                "Age is in completed years, with the birthday of those born on 29 February on 1 March in other years; it is missing before birth and stays that at death."
            }
            Note::Picks => {
                "First and last are by the declared date of the rows, or by what is named: lower bound, then upper bound, missing last; then by their columns in the order of the model, then by key. Where no row is left, every value of it is missing."
            }
            Note::Carried => {
                "Carried alleles are those of which the chosen sample of the person has at least one known copy: the newest sample that passes quality control. For a person without one it is unknown whether there is none, and so it is, where single alleles are named, while the call of one of them is missing or half known."
            }
            Note::Episodes => {
                "Episodes are put together of rows that overlap or have at most so many days between the end of one and the start of the next that none of them covers. An episode begins with its first row and ends with the last day that one of its rows covers; it has no last day while one of them goes on. A row whose first day is missing is in none."
            }
            Note::Consent => {
                "Consent on a day is asked of the consent that was recorded, for that day, and is true or false; it is asked of people only whose consent covers this use anyway, so that a share of it is a share among them."
            }
            Note::Known => "Sums, means, medians, least and greatest are of known values.",
            Note::Released => {
                "A table that another item reads is its released form: rounded, and without what is withheld."
            }
            Note::Quantile => {
                "A quantile at a share is the mean of two values: the least that at least this share of the values do not exceed, and the least that more than this share do not exceed."
            }
            Note::Median => "The median of an even number of values is the mean of the middle two.",
            Note::Share => {
                "A share is of those for whom the answer is known; its interval is Wilson's score interval at 95 %, of the rounded counts."
            }
            Note::Arithmetic => {
                "Arithmetic after release is exact, with 12 places, rounded half to even; with a withheld value it is withheld, and division by zero is missing."
            }
        }
    }
}
