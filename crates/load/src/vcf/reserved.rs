//! INFO and FORMAT keys whose Number and Type the specification fixes, by version.
//!
//! VCF specification, the tables of reserved keys in sections 1.4 (4.1, 4.2) and 1.6 (4.3 on). Keys
//! whose definition the specification leaves open (`SB`, `MQ` in its type) are left open here.

use super::meta::Version;

/// How many values a key has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Number {
    /// Exactly so many.
    Fixed(u32),
    /// One per alternate allele.
    Alternates,
    /// One per allele, the reference first.
    Alleles,
    /// One per genotype.
    Genotypes,
    /// Any number, or one that the values of the record decide in another way (4.4: `P`, `M`; 4.5:
    /// `LA`, `LR`, `LG`).
    Open,
}

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Integer,
    Float,
    Flag,
    Character,
    String,
}

/// What the specification fixes for a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    pub number: Number,
    pub ty: Type,
    /// Whether a header may give it another type.
    pub any_type: bool,
    /// Whether its numbers are never negative.
    pub natural: bool,
}

impl Number {
    /// Reads the `Number` of a definition.
    pub(crate) fn read(text: &str, version: Version) -> Option<Self> {
        match text {
            "A" => Some(Number::Alternates),
            "G" => Some(Number::Genotypes),
            "R" if version >= Version::V42 => Some(Number::Alleles),
            "." => Some(Number::Open),
            "P" | "M" if version >= Version::V44 => Some(Number::Open),
            "LA" | "LR" | "LG" if version >= Version::V45 => Some(Number::Open),
            _ => text.parse().ok().map(Number::Fixed),
        }
    }

    /// As the specification writes it.
    pub(crate) fn words(self) -> String {
        match self {
            Number::Fixed(count) => count.to_string(),
            Number::Alternates => "A".into(),
            Number::Alleles => "R".into(),
            Number::Genotypes => "G".into(),
            Number::Open => ".".into(),
        }
    }

    /// How many values a record with so many alternates has, for a genotype of so many copies; none
    /// where that is open.
    pub(crate) fn count(self, alternates: usize, copies: usize) -> Option<usize> {
        match self {
            Number::Fixed(count) => usize::try_from(count).ok(),
            Number::Alternates => Some(alternates),
            Number::Alleles => Some(alternates + 1),
            Number::Genotypes => Some(genotypes(alternates + 1, copies)),
            Number::Open => None,
        }
    }
}

/// Unordered genotypes of `copies` copies of `alleles` alleles: binomial(alleles + copies - 1, copies).
fn genotypes(alleles: usize, copies: usize) -> usize {
    (0..copies).fold(1_usize, |count, at| count.saturating_mul(alleles + at) / (at + 1))
}

impl Type {
    /// Reads the `Type` of a definition.
    pub(crate) fn read(text: &str) -> Option<Self> {
        match text {
            "Integer" => Some(Type::Integer),
            "Float" => Some(Type::Float),
            "Flag" => Some(Type::Flag),
            "Character" => Some(Type::Character),
            "String" => Some(Type::String),
            _ => None,
        }
    }

    /// As the specification writes it.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Type::Integer => "Integer",
            Type::Float => "Float",
            Type::Flag => "Flag",
            Type::Character => "Character",
            Type::String => "String",
        }
    }
}

const fn rule(number: Number, ty: Type) -> Rule {
    Rule { number, ty, any_type: false, natural: false }
}

const fn natural(number: Number, ty: Type) -> Rule {
    Rule { number, ty, any_type: false, natural: true }
}

/// The rule for an INFO key.
pub(crate) fn info(key: &str, version: Version) -> Option<Rule> {
    Some(match key {
        "AA" => rule(Number::Fixed(1), Type::String),
        "AC" => natural(Number::Alternates, Type::Integer),
        "AD" | "ADF" | "ADR" if version >= Version::V43 => natural(Number::Alleles, Type::Integer),
        "AF" => natural(Number::Alternates, Type::Float),
        "AN" | "DP" | "END" | "MQ0" | "NS" => natural(Number::Fixed(1), Type::Integer),
        "BQ" => rule(Number::Fixed(1), Type::Float),
        "CIGAR" => rule(Number::Alternates, Type::String),
        "DB" | "H2" | "H3" | "SOMATIC" | "VALIDATED" | "1000G" => rule(Number::Fixed(0), Type::Flag),
        "MQ" => Rule { number: Number::Fixed(1), ty: Type::Float, any_type: true, natural: false },
        _ => return None,
    })
}

/// The rule for a FORMAT key.
pub(crate) fn format(key: &str, version: Version) -> Option<Rule> {
    Some(match key {
        "GT" | "FT" => rule(Number::Fixed(1), Type::String),
        "AD" | "ADF" | "ADR" if version >= Version::V43 => natural(Number::Alleles, Type::Integer),
        "DP" | "GQ" | "MQ" | "PQ" | "PS" => rule(Number::Fixed(1), Type::Integer),
        "EC" => rule(Number::Alternates, Type::Integer),
        "GL" | "GP" => rule(Number::Genotypes, Type::Float),
        "GLE" if version < Version::V43 => rule(Number::Genotypes, Type::String),
        "HQ" => rule(Number::Fixed(2), Type::Integer),
        "PL" => rule(Number::Genotypes, Type::Integer),
        _ => return None,
    })
}
