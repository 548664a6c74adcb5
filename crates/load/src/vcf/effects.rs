//! Consequences that SnpEff (`ANN`) and VEP (`CSQ`) wrote into INFO, one effect per transcript.
//!
//! The names of the parts come from the description in the header. Where a transcript has several
//! consequences (`a&b`), the most severe one is kept ([`super::terms`]). One transcript per gene and
//! allele is *reported*: MANE Select, else MANE Plus Clinical, else the canonical one, else the first.

use super::allele::Alternate;
use super::header::Header;
use super::{Terms, terms};
use std::collections::BTreeMap;

/// A consequence for one transcript of one alternate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Effect {
    /// Which alternate of the record, from 0.
    pub alternate: usize,
    pub gene: Option<String>,
    /// Nothing where the feature is no transcript.
    pub transcript: Option<String>,
    /// An id of the Sequence Ontology.
    pub consequence: String,
    /// `modifier`, `low`, `moderate`, `high`.
    pub impact: Option<String>,
    pub hgvs_c: Option<String>,
    pub hgvs_p: Option<String>,
    pub hgvs_g: Option<String>,
    /// The transcript that MANE declares the same: RefSeq's of an Ensembl one, and the reverse.
    pub mane: Option<String>,
    pub reported: bool,
    /// How good a candidate for `reported` it is: smaller is better.
    rank: u8,
}

/// Where the parts of an annotation stand.
#[derive(Clone, Debug)]
struct Layout {
    /// The INFO key.
    key: &'static str,
    parts: usize,
    allele: usize,
    allele_number: Option<usize>,
    consequence: usize,
    impact: Option<usize>,
    gene: Option<usize>,
    feature_type: Option<usize>,
    feature: Option<usize>,
    hgvs_c: Option<usize>,
    hgvs_p: Option<usize>,
    hgvs_g: Option<usize>,
    canonical: Option<usize>,
    mane_select: Option<usize>,
    mane_plus: Option<usize>,
}

/// Reads the annotations of the records of one file.
pub(crate) struct Annotations<'a> {
    ann: Option<Layout>,
    csq: Option<Layout>,
    terms: Terms<'a>,
}

impl<'a> Annotations<'a> {
    /// For a header; `terms` gives the SO id of a name and is asked before the built-in list. The
    /// error is a description that names no parts.
    pub(crate) fn new(header: &Header, terms: Terms<'a>) -> Result<Self, String> {
        let description = |key: &str| header.info.get(key).map(|definition| definition.description.as_str());
        let ann = description("ANN").map(|text| layout("ANN", after(text, "'"))).transpose()?;
        let csq = description("CSQ").map(|text| layout("CSQ", after(text, "Format:"))).transpose()?;
        Ok(Self { ann, csq, terms })
    }

    /// The effects of a record; `reference` and `alternates` are its columns.
    pub(crate) fn read(
        &self,
        ann: Option<&[u8]>,
        csq: Option<&[u8]>,
        reference: &[u8],
        alternates: &[Alternate<'_>],
    ) -> Result<Vec<Effect>, String> {
        // A record with both says the same twice; VEP's is the richer one.
        let found = match (&self.csq, csq, &self.ann, ann) {
            (Some(layout), Some(value), ..) | (_, None, Some(layout), Some(value)) => Some((layout, value)),
            _ => None,
        };
        let Some((layout, value)) = found.filter(|(_, value)| *value != b".") else { return Ok(Vec::new()) };
        let text = std::str::from_utf8(value).map_err(|_| format!("INFO {} is not text", layout.key))?;
        let mut effects = Vec::new();
        for entry in entries(text, layout.parts) {
            let parts: Vec<&str> = entry.split('|').map(str::trim).collect();
            if parts.len() < layout.parts {
                return Err(format!(
                    "INFO {} has an entry of {} parts, expected {}",
                    layout.key,
                    parts.len(),
                    layout.parts
                ));
            }
            effects.push(self.effect(layout, &parts, reference, alternates)?);
        }
        report(&mut effects);
        Ok(effects)
    }

    fn effect(
        &self,
        layout: &Layout,
        parts: &[&str],
        reference: &[u8],
        alternates: &[Alternate<'_>],
    ) -> Result<Effect, String> {
        let part =
            |at: Option<usize>| at.and_then(|at| parts.get(at)).copied().filter(|text| !text.is_empty());
        let kept = |at| part(at).map(decoded);
        let most = part(Some(layout.consequence))
            .unwrap_or("")
            .split('&')
            .min_by_key(|name| terms::severity(name))
            .unwrap_or("");
        let consequence = (self.terms)(most).or_else(|| terms::so_id(most).map(str::to_owned));
        let consequence = consequence.ok_or_else(|| {
            format!("INFO {}: `{most}` is no consequence of the Sequence Ontology", layout.key)
        })?;
        let impact = part(layout.impact).map(str::to_ascii_lowercase);
        if let Some(impact) = &impact
            && !["modifier", "low", "moderate", "high"].contains(&impact.as_str())
        {
            return Err(format!("INFO {}: `{impact}` is no impact", layout.key));
        }
        let of_transcript =
            part(layout.feature_type).is_none_or(|kind| kind.eq_ignore_ascii_case("transcript"));
        let rank = if part(layout.mane_select).is_some() {
            0
        } else if part(layout.mane_plus).is_some() {
            1
        } else if part(layout.canonical).is_some_and(|flag| flag == "YES" || flag == "1") {
            2
        } else {
            3
        };
        Ok(Effect {
            alternate: which(layout, parts, reference, alternates)?,
            gene: kept(layout.gene),
            transcript: kept(layout.feature).filter(|_| of_transcript),
            consequence,
            impact,
            hgvs_c: kept(layout.hgvs_c),
            hgvs_p: kept(layout.hgvs_p),
            hgvs_g: kept(layout.hgvs_g),
            mane: kept(layout.mane_select).or_else(|| kept(layout.mane_plus)),
            reported: false,
            rank,
        })
    }
}

/// The alternate that an entry speaks of, from 0: by its number, as the only one, as written, or as
/// VEP shortens it (the base that REF and all alternates begin with is dropped; `-` is no base left).
fn which(
    layout: &Layout,
    parts: &[&str],
    reference: &[u8],
    alternates: &[Alternate<'_>],
) -> Result<usize, String> {
    let written = parts[layout.allele];
    let number =
        layout.allele_number.and_then(|at| parts.get(at)).and_then(|text| text.parse::<usize>().ok());
    if let Some(number) = number {
        let inside = number.checked_sub(1).filter(|at| *at < alternates.len());
        return inside.ok_or_else(|| {
            format!("INFO {}: allele number {number}, but ALT has {}", layout.key, alternates.len())
        });
    }
    let known = |alternate: &Alternate<'_>| !matches!(alternate, Alternate::Unspecified);
    if let [_] = alternates.iter().filter(|one| known(one)).collect::<Vec<_>>().as_slice() {
        return Ok(alternates.iter().position(known).unwrap_or(0));
    }
    let bases = |alternate: &Alternate<'_>| match alternate {
        Alternate::Bases(bases) => Some(bases.to_vec()),
        Alternate::Star => Some(b"*".to_vec()),
        Alternate::Symbolic(text) => Some(text.to_vec()),
        Alternate::Unspecified => None,
    };
    // SnpEff adds what the allele is compared with: `G-C`.
    let plain = if layout.key == "ANN" { written.split('-').next().unwrap_or(written) } else { written };
    let same = |alternate: &Alternate<'_>| {
        bases(alternate).is_some_and(|text| text.eq_ignore_ascii_case(plain.as_bytes()))
    };
    let first = |alternate: &Alternate<'_>| match alternate {
        Alternate::Bases(bases) => bases.first() == reference.first(),
        Alternate::Star | Alternate::Unspecified => true,
        Alternate::Symbolic(_) => false,
    };
    let one_length =
        alternates.iter().all(|one| matches!(one, Alternate::Bases(bases) if bases.len() == reference.len()));
    let shortened = |alternate: &Alternate<'_>| match alternate {
        Alternate::Bases([_]) => written == "-",
        Alternate::Bases([_, rest @ ..]) => rest.eq_ignore_ascii_case(written.as_bytes()),
        Alternate::Bases([]) | Alternate::Star | Alternate::Unspecified | Alternate::Symbolic(_) => false,
    };
    let found = if layout.key == "CSQ" && !one_length && alternates.iter().all(first) {
        alternates.iter().position(shortened).or_else(|| alternates.iter().position(same))
    } else {
        alternates.iter().position(same)
    };
    found.ok_or_else(|| format!("INFO {}: `{written}` is no allele of the record", layout.key))
}

/// Marks one effect per gene and alternate.
fn report(effects: &mut [Effect]) {
    let mut best: BTreeMap<(usize, Option<String>), usize> = BTreeMap::new();
    for (at, effect) in effects.iter().enumerate() {
        let held = best.entry((effect.alternate, effect.gene.clone())).or_insert(at);
        if effect.rank < effects[*held].rank {
            *held = at;
        }
    }
    for at in best.into_values() {
        effects[at].reported = true;
    }
}

/// The entries of a value. A comma within an entry does not divide it: an entry has all its parts.
fn entries(text: &str, parts: usize) -> Vec<String> {
    let mut entries: Vec<String> = Vec::new();
    for piece in text.split(',') {
        match entries.last_mut() {
            Some(last) if last.matches('|').count() + 1 < parts => {
                last.push(',');
                last.push_str(piece);
            }
            _ => entries.push(piece.to_owned()),
        }
    }
    entries
}

/// What follows a mark in a description.
fn after<'a>(description: &'a str, mark: &str) -> &'a str {
    description.split_once(mark).map_or("", |(_, rest)| rest)
}

fn layout(key: &'static str, names: &str) -> Result<Layout, String> {
    let names: Vec<String> = names
        .trim_matches(|c: char| c == '\'' || c == '"' || c.is_whitespace())
        .split('|')
        .map(|name| name.trim().trim_matches('\'').trim().to_ascii_lowercase())
        .collect();
    let find =
        |wanted: &[&str]| wanted.iter().find_map(|wanted| names.iter().position(|name| name == wanted));
    let missing = || {
        format!("the description of INFO {key} does not name the parts of its entries (allele, consequence)")
    };
    Ok(Layout {
        key,
        parts: names.len(),
        allele: find(&["allele"]).ok_or_else(missing)?,
        allele_number: find(&["allele_num"]),
        consequence: find(&["consequence", "annotation"]).ok_or_else(missing)?,
        impact: find(&["impact", "annotation_impact"]),
        gene: find(&["symbol", "gene_name"]),
        feature_type: find(&["feature_type"]),
        feature: find(&["feature", "feature_id"]),
        hgvs_c: find(&["hgvsc", "hgvs.c"]),
        hgvs_p: find(&["hgvsp", "hgvs.p"]),
        hgvs_g: find(&["hgvsg"]),
        canonical: find(&["canonical"]),
        mane_select: find(&["mane_select"]),
        mane_plus: find(&["mane_plus_clinical"]),
    })
}

/// A text with its escapes (`%3D` for `=`, specification 4.3, section 1.2) read.
fn decoded(text: &str) -> String {
    let mut result = text.to_owned();
    for (escape, plain) in [("%3A", ":"), ("%3B", ";"), ("%3D", "="), ("%2C", ","), ("%25", "%")] {
        if result.contains(escape) {
            result = result.replace(escape, plain);
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARTS: &str = "Allele|Consequence|IMPACT|SYMBOL|Feature_type|Feature|HGVSc|CANONICAL|MANE_SELECT";

    fn read(value: &str, reference: &str, alternates: &[&str]) -> Result<Vec<Effect>, String> {
        let none = |_: &str| None;
        let annotations = Annotations { ann: None, csq: Some(layout("CSQ", PARTS)?), terms: &none };
        let alternates: Vec<Alternate<'_>> =
            alternates.iter().map(|text| Alternate::Bases(text.as_bytes())).collect();
        annotations.read(None, Some(value.as_bytes()), reference.as_bytes(), &alternates)
    }

    #[test]
    fn the_most_severe_consequence_and_the_mane_transcript_are_chosen() {
        let value = "T|intron_variant&splice_donor_variant|HIGH|BRCA2|Transcript|ENST1|c.1A>T|YES|,\
                     T|missense_variant|MODERATE|BRCA2|Transcript|ENST2|c.2C>G,x||NM_1,\
                     T|upstream_gene_variant|MODIFIER|ZAR1L|Transcript|ENST3|||";
        let effects = read(value, "A", &["T"]).expect("good");
        assert_eq!(effects[0].consequence, "SO:0001575");
        assert_eq!(effects[1].hgvs_c.as_deref(), Some("c.2C>G,x"), "a comma inside does not divide");
        let reported: Vec<bool> = effects.iter().map(|effect| effect.reported).collect();
        assert_eq!(reported, [false, true, true]);
    }

    #[test]
    fn entries_find_their_alternate() {
        let entry = |allele: &str| format!("{allele}|intron_variant|MODIFIER|G|Transcript|T|||");
        let of = |allele: &str, reference: &str, alternates: &[&str]| {
            read(&entry(allele), reference, alternates).map(|effects| effects[0].alternate)
        };
        assert_eq!(of("G", "A", &["T", "G"]), Ok(1));
        assert_eq!(of("-", "CA", &["CAA", "C"]), Ok(1), "a deletion as VEP writes it");
        assert_eq!(of("AA", "CA", &["CAA", "C"]), Ok(0));
        assert!(of("GG", "CA", &["CAA", "C"]).is_err());
        assert!(read("T|no_such|LOW|G|Transcript|T|||", "A", &["T"]).is_err());
    }

    #[test]
    fn names_are_those_of_the_ontology() {
        let shared = std::env::var("BASEQ_SHARED")
            .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared").into());
        let Ok(obo) = std::fs::read_to_string(format!("{shared}/data/so/so.obo")) else {
            eprintln!("not run: {shared}/data/so/so.obo is missing");
            return;
        };
        for (name, id) in terms::all() {
            let term =
                obo.split("\n[Term]\n").find(|term| term.starts_with(&format!("id: {id}\n"))).unwrap_or("");
            let exact = term.contains(&format!("\nname: {name}\n"))
                || term.contains(&format!("synonym: \"{name}\" EXACT"));
            assert!(exact, "{id} is not {name}");
        }
    }
}
