//! Genotypes of a line as calls: for each allele record, who is not plainly without it.
//!
//! The codes are those of genotypes.md, section 1; code 0, two known alleles and none this one, is
//! not kept. Lines whose FORMAT is `GT` are read 32 bytes at a time (section 7), others field by
//! field, where all values are judged too.
//! A line without GT says of everybody that nothing is known.

use super::header::Header;
use super::meta::{Version, key_is_good};
use super::values::{Judge, integer};

/// What a copy of a genotype is: the number of its allele, or one of these.
type Copy = u16;
/// `.`.
const UNKNOWN: Copy = Copy::MAX;
/// There is no such copy: the call has one, or none.
const ABSENT: Copy = Copy::MAX - 1;
/// More alleles than any real record has.
const MOST_ALLELES: usize = 60_000;

/// A genotype that is not two copies of the reference, or is with a known depth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    /// The sample's place in the file, from 0.
    pub column: u32,
    first: Copy,
    second: Copy,
    /// Whether `|` joins the copies; nothing where there is one copy.
    pub phased: Option<bool>,
    /// `PS`.
    pub phase_set: Option<i32>,
    /// `DP`.
    pub depth: Option<i32>,
    /// `GQ`.
    pub quality: Option<i32>,
}

impl Call {
    /// Its code for an allele (1 is the first alternate); 0 is not stored.
    pub(crate) fn code(&self, allele: u16) -> u8 {
        let copies = [self.first, self.second];
        let known = copies.iter().filter(|copy| **copy < ABSENT).count();
        let of_it = copies.iter().filter(|copy| **copy == allele).count();
        match (known, of_it) {
            (2, 0) => 0,
            (2, 1) => 1,
            (2, _) => 2,
            (1, 0) => 4,
            (1, _) => 5,
            (_, _) => 3,
        }
    }

    /// Of a phased call with one copy of an allele: the place of that copy, 1 or 2.
    pub(crate) fn haplotype(&self, allele: u16) -> Option<i32> {
        match (self.phased, self.first == allele, self.second == allele) {
            (Some(true), true, false) => Some(1),
            (Some(true), false, true) => Some(2),
            (_, _, _) => None,
        }
    }

    /// Whether every copy is known to be the reference.
    pub(crate) fn is_reference(&self) -> bool {
        self.first == 0 && (self.second == 0 || self.second == ABSENT)
    }

    /// Whether every copy is known.
    pub(crate) fn is_full(&self) -> bool {
        self.first < ABSENT && self.second != UNKNOWN
    }

    /// Whether it is written with one copy.
    pub(crate) fn is_single(&self) -> bool {
        self.second == ABSENT
    }
}

/// What to do with a call of more than two copies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MoreCopies {
    /// Refuse the record, naming the sample.
    #[default]
    Refuse,
    /// Keep the call as missing and count it: the warehouse has no code for it.
    Missing,
}

/// Reads the sample columns of lines, one after the other.
#[derive(Debug)]
pub(crate) struct Reader {
    samples: usize,
    version: Version,
    more_copies: MoreCopies,
    /// The FORMAT column that `keys` belongs to.
    format: Vec<u8>,
    keys: Vec<Key>,
    /// Calls of the line read last that are not two copies of the reference or have a depth, by column.
    pub calls: Vec<Call>,
    /// Calls of more than two copies kept as missing, over all lines.
    pub many: u64,
}

#[derive(Debug)]
struct Key {
    name: String,
    judge: Option<Judge>,
}

impl Reader {
    pub(crate) fn new(header: &Header, more_copies: MoreCopies) -> Self {
        Self {
            samples: header.samples.len(),
            version: header.version,
            more_copies,
            format: Vec::new(),
            keys: Vec::new(),
            calls: Vec::new(),
            many: 0,
        }
    }

    /// Reads the columns of all samples of a line into `calls`.
    pub(crate) fn read(
        &mut self,
        header: &Header,
        format: &[u8],
        columns: &[u8],
        alternates: usize,
    ) -> Result<(), String> {
        self.calls.clear();
        if alternates > MOST_ALLELES {
            return Err("ALT has more alleles than are read".into());
        }
        if format == b"GT" && self.quick(columns, alternates) {
            return Ok(());
        }
        self.calls.clear();
        if self.format != format {
            self.keys = keys(header, format)?;
            self.format = format.to_vec();
        }
        self.slowly(header, columns, alternates)
    }

    /// Reads `a|b` for every sample; false where the line has another shape or a wrong allele, and is
    /// read slowly.
    fn quick(&mut self, columns: &[u8], alternates: usize) -> bool {
        const PHASED: [u8; 32] = *b"0|0\t0|0\t0|0\t0|0\t0|0\t0|0\t0|0\t0|0\t";
        const UNPHASED: [u8; 32] = *b"0/0\t0/0\t0/0\t0/0\t0/0\t0/0\t0/0\t0/0\t";
        if columns.len() + 1 != 4 * self.samples {
            return false;
        }
        let mut column = 0_u32;
        let mut pieces = columns.chunks_exact(32);
        for piece in pieces.by_ref() {
            if piece != PHASED && piece != UNPHASED && !self.piece(piece, column, alternates) {
                return false;
            }
            column += 8;
        }
        // The last sample has no tab behind it.
        let mut rest = [b'\t'; 32];
        let left = pieces.remainder();
        rest[..left.len()].copy_from_slice(left);
        self.piece(&rest[..=left.len()], column, alternates)
    }

    /// Reads whole samples of four bytes.
    fn piece(&mut self, piece: &[u8], column: u32, alternates: usize) -> bool {
        for (bytes, column) in piece.chunks_exact(4).zip(column..) {
            let [first, joint @ (b'|' | b'/'), second, b'\t'] = *bytes else { return false };
            if first == b'0' && second == b'0' {
                continue;
            }
            let (Some(first), Some(second)) = (digit(first), digit(second)) else { return false };
            if [first, second].iter().any(|allele| *allele != UNKNOWN && usize::from(*allele) > alternates) {
                return false;
            }
            self.calls.push(Call {
                column,
                first,
                second,
                phased: Some(joint == b'|'),
                phase_set: None,
                depth: None,
                quality: None,
            });
        }
        true
    }

    fn slowly(&mut self, header: &Header, columns: &[u8], alternates: usize) -> Result<(), String> {
        let mut count = 0;
        for (at, text) in columns.split(|c| *c == b'\t').enumerate() {
            count += 1;
            let Some(name) = header.samples.get(at) else { continue };
            let column = u32::try_from(at).map_err(|_| "too many samples".to_owned())?;
            let call =
                self.sample(text, column, alternates).map_err(|reason| format!("sample {name}: {reason}"))?;
            // Where somebody lacks every allele, the depth tells how well that was looked at.
            if !(call.first == 0 && call.second == 0) || call.depth.is_some() {
                self.calls.push(call);
            }
        }
        if count == self.samples {
            return Ok(());
        }
        Err(format!("{} columns, expected {}", count + 9, self.samples + 9))
    }

    fn sample(&mut self, text: &[u8], column: u32, alternates: usize) -> Result<Call, String> {
        let mut call = Call {
            column,
            first: UNKNOWN,
            second: UNKNOWN,
            phased: None,
            phase_set: None,
            depth: None,
            quality: None,
        };
        if text.is_empty() && self.version < Version::V45 {
            return Err("the column is empty".into());
        }
        let mut copies = None;
        let mut fields = text.split(|c| *c == b':');
        for key in &self.keys {
            let Some(field) = fields.next() else { break };
            if key.name == "GT" {
                copies = genotype(field, self.version, alternates, self.more_copies, &mut call)?;
                self.many += u64::from(copies.is_some_and(|copies| copies > 2));
                continue;
            }
            // From 4.5 on an empty field is a list of no values.
            if field == b"." || (field.is_empty() && self.version >= Version::V45) {
                continue;
            }
            if let Some(judge) = &key.judge {
                judge.list(field, alternates, copies).map_err(|reason| format!("{} {reason}", key.name))?;
            }
            let number = || integer(field).and_then(|value| i32::try_from(value).ok());
            match key.name.as_str() {
                "DP" => call.depth = number(),
                "GQ" => call.quality = number(),
                "PS" => call.phase_set = number(),
                _ => {}
            }
        }
        if fields.next().is_some() {
            return Err(format!("more fields than the {} of FORMAT", self.keys.len()));
        }
        Ok(call)
    }
}

/// The keys of a FORMAT column with what the header says of them.
fn keys(header: &Header, format: &[u8]) -> Result<Vec<Key>, String> {
    let text = std::str::from_utf8(format).map_err(|_| "FORMAT is not text".to_owned())?;
    let mut keys: Vec<Key> = Vec::new();
    for name in text.split(':') {
        if !key_is_good(name, header.version, false) {
            return Err(format!("FORMAT `{name}` is not a name"));
        }
        if keys.iter().any(|key| key.name == name) {
            return Err(format!("FORMAT {name} stands twice"));
        }
        if name == "GT" && !keys.is_empty() {
            return Err("GT must be the first key of FORMAT".into());
        }
        keys.push(Key { name: name.to_owned(), judge: Judge::format(header, name) });
    }
    Ok(keys)
}

/// Reads `0|1`, `1`, `./.`, `0/.`; gives how many copies are written, none where only `.` is.
fn genotype(
    text: &[u8],
    version: Version,
    alternates: usize,
    more_copies: MoreCopies,
    call: &mut Call,
) -> Result<Option<usize>, String> {
    // From 4.4 on the first copy may say its phase too.
    let text = match text {
        [b'|' | b'/', rest @ ..] if version >= Version::V44 => rest,
        _ => text,
    };
    let mut copies = 0;
    let mut phased = true;
    let mut rest = text;
    loop {
        let end = rest.iter().position(|c| matches!(c, b'|' | b'/')).unwrap_or(rest.len());
        // Without ALT (`.`) allele 1 is "something else"; no allele record comes of it.
        let allele = allele(&rest[..end], alternates.max(1))?;
        match copies {
            0 => call.first = allele,
            1 => call.second = allele,
            _ => {}
        }
        copies += 1;
        let Some(joint) = rest.get(end) else { break };
        phased &= *joint == b'|';
        rest = &rest[end + 1..];
    }
    match copies {
        1 => call.second = ABSENT,
        2 => call.phased = Some(phased),
        _ if more_copies == MoreCopies::Refuse => {
            return Err(format!("{copies} copies; calls of one and two copies are loaded"));
        }
        _ => (call.first, call.second) = (UNKNOWN, UNKNOWN),
    }
    Ok((copies > 1 || call.first != UNKNOWN).then_some(copies))
}

fn allele(text: &[u8], alternates: usize) -> Result<Copy, String> {
    if text == b"." {
        return Ok(UNKNOWN);
    }
    let shown = || String::from_utf8_lossy(text).into_owned();
    let good = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    let number = std::str::from_utf8(text).ok().filter(|_| good).and_then(|text| text.parse::<usize>().ok());
    let Some(number) = number else {
        return Err(if text.is_empty() {
            "GT lacks an allele".into()
        } else {
            format!("GT has `{}` where an allele should be", shown())
        });
    };
    if number > alternates {
        return Err(format!("allele {number}, but ALT has {alternates}"));
    }
    Copy::try_from(number).map_err(|_| format!("allele {number} is out of range"))
}

fn digit(byte: u8) -> Option<Copy> {
    match byte {
        b'0'..=b'9' => Some(Copy::from(byte - b'0')),
        b'.' => Some(UNKNOWN),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vcf::{header, read::Lines};

    /// A header with so many samples.
    fn header(samples: usize) -> Header {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("a.vcf");
        let names: Vec<String> = (0..samples).map(|at| format!("s{at}")).collect();
        let columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT";
        let text = format!("##fileformat=VCFv4.2\n{columns}\t{}\n", names.join("\t"));
        std::fs::write(&path, text).expect("written");
        header::read(&mut Lines::open(&path, &crate::source::Silent).expect("opened")).expect("a header")
    }

    #[test]
    fn the_quick_way_finds_what_the_slow_one_does() {
        // Every number of samples around the pieces of eight, with one call moved along.
        for samples in 1..=27 {
            let header = header(samples);
            for at in 0..samples {
                for call in ["0|1", "1/1", "./.", ".|0", "0/0"] {
                    let mut line = vec!["0|0"; samples];
                    line[at] = call;
                    let line = line.join("\t");
                    let mut quick = Reader::new(&header, MoreCopies::Refuse);
                    assert!(quick.quick(line.as_bytes(), 1));
                    let mut slow = Reader::new(&header, MoreCopies::Refuse);
                    slow.keys = keys(&header, b"GT").expect("a key");
                    slow.slowly(&header, line.as_bytes(), 1).expect("good");
                    assert_eq!(quick.calls, slow.calls, "{call} at {at} of {samples}");
                    assert_eq!(quick.calls.len(), usize::from(call != "0/0"));
                    assert!(quick.calls.iter().all(|call| call.column as usize == at));
                }
            }
        }
    }

    #[test]
    fn lines_of_another_shape_are_left_to_the_slow_way() {
        let header = header(8);
        let mut reader = Reader::new(&header, MoreCopies::Refuse);
        for last in ["1", "0|1|1", "0|2", "x|0", "10|0", ""] {
            let line = format!("{}{last}", "0|0\t".repeat(7));
            assert!(!reader.quick(line.as_bytes(), 1), "{last}");
        }
        let error = reader.read(&header, b"GT", format!("{}0|2", "0|0\t".repeat(7)).as_bytes(), 1);
        assert_eq!(error, Err("sample s7: allele 2, but ALT has 1".into()));
    }
}
