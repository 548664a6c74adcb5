//! The share at which a quantile stands, exact.

/// A share above 0 and below 1, in ten-thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fraction(u16);

impl Fraction {
    /// The whole, in the same units.
    pub const WHOLE: u16 = 10_000;
    /// A quarter.
    pub const QUARTER: Fraction = Fraction(2_500);
    /// A half.
    pub const HALF: Fraction = Fraction(5_000);
    /// Three quarters.
    pub const THREE_QUARTERS: Fraction = Fraction(7_500);

    /// A number of ten-thousandths, if it is above none and below all.
    pub fn new(parts: u16) -> Option<Fraction> {
        (0 < parts && parts < Fraction::WHOLE).then_some(Fraction(parts))
    }

    /// How many ten-thousandths.
    pub fn parts(self) -> u16 {
        self.0
    }

    /// What is missing to the whole.
    #[must_use]
    pub fn rest(self) -> Fraction {
        Fraction(Fraction::WHOLE - self.0)
    }

    /// The smaller of the share and the rest: what lies on the shorter side of the value.
    pub fn side(self) -> u16 {
        self.0.min(self.rest().0)
    }
}

impl std::fmt::Display for Fraction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = format!("{:04}", self.0);
        write!(f, "0.{}", digits.trim_end_matches('0'))
    }
}
