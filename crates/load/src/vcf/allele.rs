//! The identity of an allele: position, reference and alternate bases, trimmed, and left-aligned
//! where a reference is given (language.md, section 4, "Identity and frequency").
//!
//! Symbolic alleles, breakends and `*` say where something happens but not always what; they are
//! kept as written. Which alleles a warehouse has already is asked in [`super::tables`].

use std::fmt;

/// What kind of change an allele is; the members of the model's `variant.kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Snv,
    Insertion,
    Deletion,
    Mnv,
    Complex,
    /// `<DEL>`, `<CN0>`, a breakend, `.A`.
    Symbolic,
    /// `*`: the bases are absent because of a deletion that begins further left.
    OverlappingDeletion,
}

impl Kind {
    /// As the model names it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Snv => "snv",
            Kind::Insertion => "insertion",
            Kind::Deletion => "deletion",
            Kind::Mnv => "mnv",
            Kind::Complex => "complex",
            Kind::Symbolic => "symbolic",
            Kind::OverlappingDeletion => "overlapping_deletion",
        }
    }

    /// Whether position, reference and alternate say all that the allele is, so that two records with
    /// the same are one allele twice.
    pub(crate) fn is_exact(self) -> bool {
        match self {
            Kind::Snv | Kind::Insertion | Kind::Deletion | Kind::Mnv | Kind::Complex => true,
            Kind::Symbolic | Kind::OverlappingDeletion => false,
        }
    }
}

/// An allele of a contig; positions are 1-based and closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Allele {
    pub position: u64,
    pub end: u64,
    pub reference: String,
    pub alternate: String,
    pub kind: Kind,
}

impl fmt::Display for Allele {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}>{}", self.position, self.reference, self.alternate)
    }
}

/// The alternate as its column has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alternate<'a> {
    /// Bases.
    Bases(&'a [u8]),
    /// `*`.
    Star,
    /// `<NON_REF>` or `<*>`: any other allele; it makes no row.
    Unspecified,
    /// `<ID>`, a breakend, a single breakend.
    Symbolic(&'a [u8]),
}

/// Reads one alternate; the error names what is wrong with it.
pub(crate) fn alternate(text: &[u8]) -> Result<Alternate<'_>, String> {
    let shown = || String::from_utf8_lossy(text).into_owned();
    match text {
        [] => Err("ALT has an empty allele".into()),
        b"*" => Ok(Alternate::Star),
        b"<NON_REF>" | b"<*>" => Ok(Alternate::Unspecified),
        [b'<', inner @ .., b'>']
            if !inner.is_empty() && inner.iter().all(|c| c.is_ascii_graphic() && !b"<>,".contains(c)) =>
        {
            Ok(Alternate::Symbolic(text))
        }
        _ if bases(text) => Ok(Alternate::Bases(text)),
        [b'.', rest @ ..] | [rest @ .., b'.'] if bases(rest) => Ok(Alternate::Symbolic(text)),
        _ if breakend(text) => Ok(Alternate::Symbolic(text)),
        _ => Err(format!("ALT `{}` is neither bases (ACGTN) nor `*`, `<ID>` or a breakend", shown())),
    }
}

/// Whether a text is one or more of ACGTN, in either case.
pub(crate) fn bases(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(|c| b"ACGTNacgtn".contains(c))
}

/// `t[p[`, `t]p]`, `]p]t`, `[p[t`: bases on one side and a mate `contig:position` in equal brackets.
fn breakend(text: &[u8]) -> bool {
    [b'[', b']'].into_iter().any(|bracket| {
        let mut parts = text.split(|c| *c == bracket);
        let (Some(left), Some(mate), Some(right), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return false;
        };
        let sides = (bases(left) && right.is_empty()) || (left.is_empty() && bases(right));
        let at = mate.iter().rposition(|c| *c == b':');
        let mate = at
            .is_some_and(|at| at > 0 && at + 1 < mate.len() && mate[at + 1..].iter().all(u8::is_ascii_digit));
        sides && mate
    })
}

/// Where the event of a symbolic allele ends: `END`; else position and length (`SVLEN`) for what
/// takes reference bases away, repeats or turns them; else the end of REF.
pub(crate) fn symbolic_end(
    position: u64,
    reference: &[u8],
    alternate: &[u8],
    end: Option<u64>,
    length: Option<i64>,
) -> u64 {
    let spans = [&b"<DEL"[..], b"<DUP", b"<INV", b"<CN"].iter().any(|start| alternate.starts_with(start));
    let by_length = length.filter(|_| spans).map(|length| position + length.unsigned_abs());
    end.filter(|_| alternate.starts_with(b"<"))
        .or(by_length)
        .unwrap_or(position + reference.len().max(1) as u64 - 1)
}

/// An allele kept as written, in upper case but for the names within.
pub(crate) fn as_written(position: u64, reference: &[u8], alternate: &[u8], end: u64, kind: Kind) -> Allele {
    let alternate =
        if bases(alternate) { upper(alternate) } else { String::from_utf8_lossy(alternate).into_owned() };
    Allele { position, end, reference: upper(reference), alternate, kind }
}

/// The allele of bases at a position, trimmed, and, where `base_before` knows the base before a
/// position, left-aligned.
///
/// Shared bases are dropped from the right while both keep one, then from the left. With a reference
/// the right end is rolled: when dropping leaves one side empty, the base before is put in front of
/// both, until the last bases differ. An error of `base_before` is passed on.
pub(crate) fn normalise<E>(
    position: u64,
    reference: &[u8],
    alternate: &[u8],
    base_before: Option<&mut dyn FnMut(u64) -> Result<u8, E>>,
) -> Result<Allele, E> {
    let mut reference = upper(reference).into_bytes();
    let mut alternate = upper(alternate).into_bytes();
    let mut position = position;
    match base_before {
        None => {
            while reference.len() > 1 && alternate.len() > 1 && reference.last() == alternate.last() {
                reference.pop();
                alternate.pop();
            }
        }
        Some(base_before) => {
            // The base in front of position 1 does not exist: there one base is kept.
            while reference.last() == alternate.last()
                && (position > 1 || (reference.len() > 1 && alternate.len() > 1))
            {
                reference.pop();
                alternate.pop();
                if reference.is_empty() || alternate.is_empty() {
                    position -= 1;
                    let base = base_before(position)?.to_ascii_uppercase();
                    reference.insert(0, base);
                    alternate.insert(0, base);
                }
            }
        }
    }
    let most = reference.len().min(alternate.len()) - 1;
    let shared = reference.iter().zip(&alternate).take(most).take_while(|(one, other)| one == other).count();
    reference.drain(..shared);
    alternate.drain(..shared);
    position += shared as u64;
    let kind = kind(&reference, &alternate);
    let end = position + reference.len() as u64 - 1;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ok(Allele { position, end, reference: text(reference), alternate: text(alternate), kind })
}

fn kind(reference: &[u8], alternate: &[u8]) -> Kind {
    // The base kept beside an insertion or deletion stands before it, but behind it at position 1.
    let beside = |one: &[u8], other: &[u8]| {
        one.len() == 1 && (other.first() == one.first() || other.last() == one.first())
    };
    match (reference.len(), alternate.len()) {
        (1, 1) => Kind::Snv,
        (r, a) if r == a => Kind::Mnv,
        (r, a) if r < a && beside(reference, alternate) => Kind::Insertion,
        (r, a) if r > a && beside(alternate, reference) => Kind::Deletion,
        _ => Kind::Complex,
    }
}

fn upper(bases: &[u8]) -> String {
    String::from_utf8_lossy(bases).to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trimmed(position: u64, reference: &str, alternate: &str) -> String {
        let none: Option<&mut dyn FnMut(u64) -> Result<u8, ()>> = None;
        normalise(position, reference.as_bytes(), alternate.as_bytes(), none)
            .expect("no reference")
            .to_string()
    }

    fn aligned(contig: &str, position: u64, reference: &str, alternate: &str) -> String {
        let mut base =
            |at: u64| contig.as_bytes().get(usize::try_from(at).expect("small") - 1).copied().ok_or(());
        normalise(position, reference.as_bytes(), alternate.as_bytes(), Some(&mut base))
            .expect("inside")
            .to_string()
    }

    #[test]
    fn trimming_drops_the_suffix_before_the_prefix_and_keeps_a_base() {
        assert_eq!(trimmed(123, "TAT", "TGT"), "124 A>G");
        assert_eq!(trimmed(10, "CAA", "CA"), "10 CA>C");
        assert_eq!(trimmed(10, "TTTAT", "T"), "10 TTTAT>T");
        assert_eq!(trimmed(10, "ac", "at"), "11 C>T");
        assert_eq!(trimmed(10, "AT", "GC"), "10 AT>GC");
    }

    #[test]
    fn aligning_rolls_an_indel_to_the_left_of_its_repeat() {
        //          123456789
        let contig = "GGCACACAT";
        assert_eq!(aligned(contig, 6, "ACA", "A"), "2 GCA>G");
        assert_eq!(aligned(contig, 8, "A", "ACA"), "2 G>GCA");
        assert_eq!(aligned(contig, 9, "T", "C"), "9 T>C");
        // At the first base of the contig the base behind is kept.
        assert_eq!(aligned(contig, 2, "G", "GG"), "1 G>GG");
        assert_eq!(aligned("AAAC", 1, "AA", "A"), "1 AA>A");
    }

    #[test]
    fn alternates_are_told_apart() {
        assert_eq!(alternate(b"ACgtN"), Ok(Alternate::Bases(b"ACgtN")));
        assert_eq!(alternate(b"*"), Ok(Alternate::Star));
        assert_eq!(alternate(b"<NON_REF>"), Ok(Alternate::Unspecified));
        for symbolic in ["<CN0>", "<DUP:TANDEM>", "]1:100]AGT", "A[<ctg>:7[", ".A", "A."] {
            assert_eq!(
                alternate(symbolic.as_bytes()),
                Ok(Alternate::Symbolic(symbolic.as_bytes())),
                "{symbolic}"
            );
        }
        for bad in ["", "R", "A T", "<INS>BLAH>", "[1:100[", "A[1[", "<>"] {
            assert!(alternate(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_end_of_a_symbolic_allele_is_end_then_length_then_ref() {
        assert_eq!(symbolic_end(100, b"C", b"<DEL>", Some(150), Some(-40)), 150);
        assert_eq!(symbolic_end(100, b"C", b"<DEL>", None, Some(-40)), 140);
        assert_eq!(symbolic_end(100, b"C", b"<INS>", None, Some(40)), 100);
        assert_eq!(symbolic_end(100, b"CA", b"CA.", Some(9), None), 101);
    }
}
