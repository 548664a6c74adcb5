//! Literals: what is written, with the meaning that needs no context.

use super::{Checked, Checker, with_near};
use crate::number::Number;
use crate::query::{Allele, Expr, Kind, Region, Value};
use crate::ty::Type;
use crate::unit as units;
use crate::vocabulary::NamedAlleles;
use diag::{Code, Diagnostic};
use jiff::civil::Date;
use model::ColumnLabel;
use syntax::tree::{Literal, LiteralKind, Unit};
use text::Range;

impl Checker<'_> {
    pub(crate) fn literal(&mut self, literal: &Literal) -> Checked {
        let range = self.range(literal.span);
        match &literal.kind {
            LiteralKind::Number(digits) => match self.number(digits, range) {
                Some(number) => Checked::One(self.number_literal(number, digits, range)),
                None => Checked::Error,
            },
            LiteralKind::Quantity { number, unit } => {
                if let Unit::Ucum(_) = unit
                    && !self.parsed.tape.slice_of(literal.span).contains('\'')
                {
                    // The parser said that the unit is a word it does not know, or lacks its quotes.
                    return self.broken();
                }
                let Some(number) = self.number(number, range) else { return Checked::Error };
                self.quantity(number, unit, range)
            }
            LiteralKind::Date(written) => self.date_literal(written, range),
            LiteralKind::Text(value) => {
                Checked::One(public(Kind::Literal(Value::Text(value.clone())), Type::Text, range))
            }
            LiteralKind::Bool(value) => {
                Checked::One(public(Kind::Literal(Value::Bool(*value)), Type::Bool, range))
            }
            LiteralKind::Code { system, code, label } => {
                match self.code(system, code, label.as_ref(), false, range) {
                    Some(test) => Checked::Codes(test, range),
                    None => Checked::Error,
                }
            }
            LiteralKind::Hgvs(name) | LiteralKind::Rs(name) => self.named_alleles(name, range),
            LiteralKind::Locus(written) => self.locus(written, range),
        }
    }

    fn number(&mut self, digits: &str, range: Range) -> Option<Number> {
        let number = Number::parse(digits);
        if number.is_none() {
            self.error(
                "E0205",
                format!("`{digits}` cannot be held exactly"),
                range,
                "at most 18 digits before and 12 after the point",
            );
        }
        number
    }

    fn number_literal(&self, number: Number, digits: &str, range: Range) -> Expr {
        match number.as_int() {
            Some(int) if !digits.contains(['.', 'e', 'E']) => {
                public(Kind::Literal(Value::Int(int)), Type::Int, range)
            }
            Some(_) | None => public(Kind::Literal(Value::Number(number)), Type::Decimal, range),
        }
    }

    fn quantity(&mut self, number: Number, unit: &Unit, range: Range) -> Checked {
        let whole = |factor: i64| number.as_int().and_then(|int| int.checked_mul(factor));
        let (value, ty) = match unit {
            Unit::Percent => match number.scale(1, 100) {
                Some(fraction) => (Value::Number(fraction), Type::Percent),
                None => {
                    self.error(
                        "E0205",
                        "this percentage cannot be held exactly",
                        range,
                        "finer than 10 places",
                    );
                    return Checked::Error;
                }
            },
            Unit::Ucum(unit) => {
                if !units::is_ucum(unit) {
                    self.not_ucum(unit, range);
                    return Checked::Error;
                }
                (Value::Number(number), Type::Quantity(unit.clone()))
            }
            Unit::Day | Unit::Week | Unit::Month | Unit::Year => {
                let (factor, ty) = match unit {
                    Unit::Week => (7, Type::Days),
                    Unit::Month => (1, Type::Months),
                    Unit::Year => (12, Type::Months),
                    Unit::Day | Unit::Percent | Unit::Ucum(_) => (1, Type::Days),
                };
                let Some(count) = whole(factor) else {
                    self.error(
                        "E0205",
                        "a duration is a whole number of days, weeks, months or years",
                        range,
                        "not whole",
                    );
                    return Checked::Error;
                };
                (Value::Int(count), ty)
            }
        };
        Checked::One(public(Kind::Literal(value), ty, range))
    }

    pub(crate) fn not_ucum(&mut self, unit: &str, range: Range) {
        let mut diagnostic = Diagnostic::error(
            Code("E0219"),
            format!("`{unit}` is not a unit of UCUM"),
            range,
            "unknown unit",
        )
        .note("UCUM spells units with regard to capitals: `mg/dL`, `umol/L`, `mm[Hg]`, `10*9/L`");
        for near in diag::near_names(unit, units::names()).into_iter().take(1) {
            diagnostic = diagnostic.help(format!("`'{near}'` is near"));
        }
        self.report(diagnostic);
    }

    /// A day, or a month known by its first day.
    pub(crate) fn date_literal(&mut self, written: &str, range: Range) -> Checked {
        let (text, ty) = if written.len() == 7 {
            (format!("{written}-01"), Type::Month)
        } else {
            (written.to_owned(), Type::Date)
        };
        match text.parse::<Date>() {
            Ok(date) => Checked::One(public(Kind::Literal(Value::Date(date)), ty, range)),
            Err(_) => {
                self.error(
                    "E0206",
                    format!("`{written}` is not a day of the calendar"),
                    range,
                    "no such date",
                );
                Checked::Error
            }
        }
    }

    /// Alleles that an HGVS expression or an rs number stands for. An rs number is a set; an HGVS
    /// expression is one allele, in each build that the warehouse has.
    pub(crate) fn named_alleles(&mut self, name: &str, range: Range) -> Checked {
        let diagnostic = match self.input.vocabulary.alleles(name) {
            NamedAlleles::Found(alleles) => {
                let ambiguous = name.contains(':')
                    && alleles.iter().zip(alleles.iter().skip(1)).any(|(one, next)| one.build == next.build);
                if !ambiguous {
                    return Checked::Alleles(alleles, range);
                }
                let places: Vec<String> = alleles.iter().map(Allele::written).collect();
                Diagnostic::error(
                    Code("E0414"),
                    format!("`{name}` stands for {} alleles", alleles.len()),
                    range,
                    "which of them?",
                )
                .note("several changes of the genome can have one name in a transcript or protein")
                .help(format!("write the one that is meant: {}", places.join(", ")))
                .help(format!("or all of them, tested with `in`: `[{}]`", places.join(", ")))
            }
            NamedAlleles::OtherVersions(names) => {
                let accession = name.split(':').next().unwrap_or(name);
                let versions: Vec<&str> =
                    names.iter().map(|other| other.split(':').next().unwrap_or(other)).collect();
                let mut diagnostic = Diagnostic::error(
                    Code("E0415"),
                    format!("the loaded annotation has {}, not {accession}", versions.join(" and ")),
                    range,
                    "another version of the transcript",
                )
                .note("positions can differ between versions of a transcript, so a version is never exchanged silently");
                let quoted = self.words_at(range).contains("hgvs");
                for other in names {
                    let written = if quoted { format!("hgvs(\"{other}\")") } else { other.clone() };
                    diagnostic = diagnostic.fix(format!("write `{other}`"), vec![(range, written)]);
                }
                diagnostic
            }
            NamedAlleles::Absent(near) => {
                let mut diagnostic = Diagnostic::error(
                    Code("E0406"),
                    format!("`{name}` does not name an allele that is known here"),
                    range,
                    "nothing is loaded for it",
                )
                .note("HGVS expressions and rs numbers are resolved through loaded annotation, never compared as text");
                for other in near {
                    diagnostic = diagnostic.help(format!("`{other}` is near"));
                }
                diagnostic.help("load annotation that holds it, or write the allele itself, such as `GRCh38:chr13:32340300:GT:G`")
            }
            NamedAlleles::NotPinned => Diagnostic::error(
                Code("E0416"),
                format!("`{name}` is not in the lock file, so its allele is not known yet"),
                range,
                "not looked up yet",
            )
            .note("names of alleles are looked up in the annotation of the warehouse once, and pinned with what they stand for")
            .help("`baseq schema pull` looks up all names that the project's files use"),
        };
        self.report(diagnostic);
        Checked::Error
    }

    /// The words of this file at a place; nothing for a place in another file.
    pub(crate) fn words_at(&self, range: Range) -> &str {
        let tape = &self.parsed.tape;
        let words = tape.source().get(range.start as usize..range.end as usize);
        words.filter(|_| range.file == tape.file()).unwrap_or("")
    }

    fn locus(&mut self, written: &str, range: Range) -> Checked {
        let parts: Vec<&str> = written.split(':').collect();
        let build = parts.first().copied().unwrap_or("");
        if !self.build(build, range) {
            return Checked::Error;
        }
        let contig = contig(parts.get(1).copied().unwrap_or(""));
        match parts.as_slice() {
            [_, _] => Checked::Region(Region { build: build.to_owned(), contig, positions: None }, range),
            [_, _, positions] => {
                let (start, end) = positions.split_once('-').unwrap_or((positions, positions));
                match (start.replace('_', "").parse(), end.replace('_', "").parse()) {
                    (Ok(start), Ok(end)) if 1 <= start && start <= end => Checked::Region(
                        Region { build: build.to_owned(), contig, positions: Some((start, end)) },
                        range,
                    ),
                    (Ok(_) | Err(_), Ok(_) | Err(_)) => {
                        self.error(
                            "E0207",
                            "this region ends before it starts",
                            range,
                            "positions are 1-based, first to last",
                        );
                        Checked::Error
                    }
                }
            }
            [_, _, position, reference, alternate] => match position.replace('_', "").parse() {
                Ok(position) => {
                    Checked::Alleles(vec![trimmed(build, &contig, position, reference, alternate)], range)
                }
                Err(_) => {
                    self.error(
                        "E0207",
                        "this allele has no position",
                        range,
                        "`build:contig:position:ref:alt`",
                    );
                    Checked::Error
                }
            },
            _ => {
                self.error(
                    "E0207",
                    format!("`{written}` is not a place in a genome"),
                    range,
                    "`build:contig:position:ref:alt`",
                );
                Checked::Error
            }
        }
    }

    /// Whether a build is one that exists, and one that the warehouse holds.
    fn build(&mut self, build: &str, range: Range) -> bool {
        const BUILDS: [&str; 2] = ["GRCh37", "GRCh38"];
        if !BUILDS.contains(&build) {
            let near = diag::near_names(build, BUILDS);
            let diagnostic = Diagnostic::error(
                Code("E0405"),
                format!("`{build}` is not a genome build"),
                range,
                "GRCh37 or GRCh38 was expected",
            );
            let near: Vec<&str> = near.into_iter().take(1).collect();
            let diagnostic = match near.first() {
                Some(near) => diagnostic.help(format!("`{near}` is near")),
                None => with_near(diagnostic, &[]),
            };
            self.report(diagnostic);
            return false;
        }
        let loaded = self.input.vocabulary.builds();
        if !loaded.is_empty() && !loaded.iter().any(|other| other == build) {
            self.report(
                Diagnostic::error(
                    Code("E0405"),
                    format!("this place is in {build}, and the variants of this warehouse are in {}", loaded.join(" and ")),
                    range,
                    format!("a place in {build}"),
                )
                .note("positions of two builds do not compare; a place is never moved from one to the other silently"),
            );
            return false;
        }
        true
    }
}

/// An allele with what `ref` and `alt` share at their ends taken off, at least one base left.
fn trimmed(build: &str, contig: &str, position: i64, reference: &str, alternate: &str) -> Allele {
    let (mut r, mut a, mut at) = (reference.as_bytes(), alternate.as_bytes(), position);
    while r.len() > 1 && a.len() > 1 && r.last() == a.last() {
        r = &r[..r.len() - 1];
        a = &a[..a.len() - 1];
    }
    while r.len() > 1 && a.len() > 1 && r.first() == a.first() {
        r = &r[1..];
        a = &a[1..];
        at += 1;
    }
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Allele {
        build: build.to_owned(),
        contig: contig.to_owned(),
        position: at,
        reference: text(r),
        alternate: text(a),
    }
}

/// A contig's name as the warehouse has it: without `chr`, and `MT`.
fn contig(written: &str) -> String {
    let bare = written.strip_prefix("chr").unwrap_or(written);
    if bare == "M" { "MT".to_owned() } else { bare.to_owned() }
}

/// An expression of public data.
pub(crate) fn public(kind: Kind, ty: Type, range: Range) -> Expr {
    Expr { kind, ty, label: ColumnLabel::Public, range }
}
