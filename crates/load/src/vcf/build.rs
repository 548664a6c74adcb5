//! Genome builds and names of contigs: which build a header speaks of, and one name per contig.
//!
//! The lengths are those of the primary assemblies GRCh37 (hg19, b37) and GRCh38 (hg38) as the
//! Genome Reference Consortium published them; the mitochondrion is the revised Cambridge sequence
//! in both. UCSC's hg19 has another one under `chrM` (16,571 bases), which is refused as MT.

use super::header::Header;
use std::fmt;

/// Longer than any contig: positions beyond are errors of the file.
pub(crate) const MOST_BASES: u64 = 1 << 40;

/// A genome build.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Build {
    /// GRCh37: hg19, b37, hs37d5.
    Grch37,
    /// GRCh38: hg38.
    Grch38,
}

impl Build {
    /// As the warehouse spells it.
    pub fn name(self) -> &'static str {
        match self {
            Build::Grch37 => "GRCh37",
            Build::Grch38 => "GRCh38",
        }
    }

    /// Reads a name of a build, such as `GRCh38`, `hg38`, `b37`, without regard to case; a patch
    /// (`GRCh38.p13`) does not matter.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        let starts = |names: &[&str]| names.iter().any(|name| text.starts_with(name));
        if starts(&["grch37", "hg19", "b37", "hs37", "human_g1k_v37", "g1k_v37", "ncbi37"]) {
            Some(Build::Grch37)
        } else if starts(&["grch38", "hg38", "b38", "hs38", "ncbi38", "homo_sapiens_assembly38"]) {
            Some(Build::Grch38)
        } else if starts(&["homo_sapiens_assembly19"]) {
            Some(Build::Grch37)
        } else {
            None
        }
    }

    /// The length in bases of a contig under its normalised name.
    pub(crate) fn length(self, contig: &str) -> Option<u64> {
        let (_, grch37, grch38) = LENGTHS.iter().find(|(name, ..)| *name == contig)?;
        Some(match self {
            Build::Grch37 => *grch37,
            Build::Grch38 => *grch38,
        })
    }

    /// Whether a position of X lies in a pseudo-autosomal region (Genome Reference Consortium).
    pub(crate) fn in_par_of_x(self, position: u64) -> bool {
        let (one, two) = match self {
            Build::Grch37 => (60_001..=2_699_520, 154_931_044..=155_260_560),
            Build::Grch38 => (10_001..=2_781_479, 155_701_383..=156_030_895),
        };
        one.contains(&position) || two.contains(&position)
    }
}

impl fmt::Display for Build {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The name of a contig in the warehouse: without `chr`, the mitochondrion `MT`. Only primary
/// contigs are renamed; `chrUn_KI270742v1` stays as it is.
pub(crate) fn contig_name(name: &str) -> &str {
    let short = match name.get(..3) {
        Some(start) if start.eq_ignore_ascii_case("chr") => &name[3..],
        _ => name,
    };
    match short {
        "M" | "MT" => "MT",
        _ if LENGTHS.iter().any(|(known, ..)| *known == short) => short,
        _ => name,
    }
}

/// The build of a file: what the caller says, which nothing in the header may contradict, or what
/// lengths, assemblies and the reference of the header agree on.
pub(crate) fn of_header(header: &Header, told: Option<Build>) -> Result<Build, String> {
    let mut found: Vec<(Build, String)> = Vec::new();
    for contig in &header.contigs {
        let name = contig_name(&contig.id);
        if let Some(length) = contig.length {
            let fits = |build: Build| build.length(name) == Some(length);
            match (fits(Build::Grch37), fits(Build::Grch38)) {
                (true, false) => found.push((Build::Grch37, format!("the length of contig {}", contig.id))),
                (false, true) => found.push((Build::Grch38, format!("the length of contig {}", contig.id))),
                (true, true) | (false, false) => {}
            }
        }
        if let Some(build) = contig.assembly.as_deref().and_then(Build::read) {
            found.push((build, format!("the assembly of contig {}", contig.id)));
        }
    }
    for words in &header.references {
        let file = words.rsplit('/').next().unwrap_or(words);
        if let Some(build) = Build::read(file) {
            found.push((build, format!("the reference `{words}`")));
        }
    }
    let first = found.first();
    if let (Some(told), Some((other, why))) = (told, found.iter().find(|(build, _)| Some(*build) != told)) {
        return Err(format!("the build was given as {told}, but {why} is of {other}"));
    }
    if let Some((build, why)) = first
        && let Some((other, against)) = found.iter().find(|(other, _)| other != build)
    {
        return Err(format!("the header contradicts itself: {why} is of {build}, {against} of {other}"));
    }
    told.or(first.map(|(build, _)| *build)).ok_or_else(|| {
        "the header does not say the genome build (no contig lengths, assembly or reference that is known); give it with `--build GRCh37` or `--build GRCh38`".into()
    })
}

/// Contig, length in GRCh37, length in GRCh38.
const LENGTHS: [(&str, u64, u64); 25] = [
    ("1", 249_250_621, 248_956_422),
    ("2", 243_199_373, 242_193_529),
    ("3", 198_022_430, 198_295_559),
    ("4", 191_154_276, 190_214_555),
    ("5", 180_915_260, 181_538_259),
    ("6", 171_115_067, 170_805_979),
    ("7", 159_138_663, 159_345_973),
    ("8", 146_364_022, 145_138_636),
    ("9", 141_213_431, 138_394_717),
    ("10", 135_534_747, 133_797_422),
    ("11", 135_006_516, 135_086_622),
    ("12", 133_851_895, 133_275_309),
    ("13", 115_169_878, 114_364_328),
    ("14", 107_349_540, 107_043_718),
    ("15", 102_531_392, 101_991_189),
    ("16", 90_354_753, 90_338_345),
    ("17", 81_195_210, 83_257_441),
    ("18", 78_077_248, 80_373_285),
    ("19", 59_128_983, 58_617_616),
    ("20", 63_025_520, 64_444_167),
    ("21", 48_129_895, 46_709_983),
    ("22", 51_304_566, 50_818_468),
    ("X", 155_270_560, 156_040_895),
    ("Y", 59_373_566, 57_227_415),
    ("MT", 16_569, 16_569),
];
