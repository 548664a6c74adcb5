//! What HGVS expressions and rs numbers of a project's files stand for, looked up once in the loaded
//! annotation and pinned, so that checking needs no connection and the same text means the same
//! alleles next year.
//!
//! An HGVS expression is an accession and a change of its sequence. Both are compared: the accession
//! with its version, the change in one spelling ([`canonical`]), for annotation writes the same change
//! in several. Where effects have Ensembl transcripts, a RefSeq name reaches them through their MANE
//! transcript, which is the same base by base. A substitution of a chromosome needs no annotation.
//! Nothing here moves a change along a sequence: a name in another place of a repeat is another name.

use super::{has_table, literal, texts};
use crate::trouble::Result;
use engine::Reader;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use types::{Allele, NamedAlleles};

/// How many near names are pinned.
const OFFERED: usize = 3;
/// RefSeq accessions of the chromosomes 1 to 22, X, Y by number, with their versions in GRCh37 and
/// GRCh38 (assembly reports of GCF_000001405.25 and GCF_000001405.40).
const CHROMOSOMES: [(u8, u8); 24] = [
    (10, 11),
    (11, 12),
    (11, 12),
    (11, 12),
    (9, 10),
    (11, 12),
    (13, 14),
    (10, 11),
    (11, 12),
    (10, 11),
    (9, 10),
    (11, 12),
    (10, 11),
    (8, 9),
    (9, 10),
    (9, 10),
    (10, 11),
    (9, 10),
    (9, 10),
    (10, 11),
    (8, 9),
    (10, 11),
    (10, 11),
    (9, 10),
];

/// A name in annotation, and the allele that has it.
type Known = (String, Allele);

/// What each name stands for, as sorted lines of the pin: `name build contig position ref alt` for an
/// allele, `name version other` and `name near other` for what is offered instead, `name absent`.
pub(crate) fn resolve(reader: &mut dyn Reader, names: &BTreeSet<String>) -> Result<Vec<String>> {
    if names.is_empty() || !has_table(reader, "variant")? {
        return Ok(Vec::new());
    }
    let known = known(reader, names)?;
    let mut lines = Vec::new();
    for name in names {
        match found(name, &known) {
            NamedAlleles::Found(alleles) => lines.extend(alleles.iter().map(|allele| {
                let Allele { build, contig, position, reference, alternate } = allele;
                format!("{name}\t{build}\t{contig}\t{position}\t{reference}\t{alternate}")
            })),
            NamedAlleles::OtherVersions(others) => {
                lines.extend(others.iter().map(|other| format!("{name}\tversion\t{other}")));
            }
            NamedAlleles::Absent(near) if near.is_empty() => lines.push(format!("{name}\tabsent")),
            NamedAlleles::Absent(near) => {
                lines.extend(near.iter().map(|other| format!("{name}\tnear\t{other}")));
            }
            NamedAlleles::NotPinned => {}
        }
    }
    lines.sort();
    lines.dedup();
    Ok(lines)
}

/// What the lines of a pin say of each name.
pub(crate) fn read(text: &str) -> BTreeMap<String, NamedAlleles> {
    let mut named: BTreeMap<String, NamedAlleles> = BTreeMap::new();
    for line in text.lines() {
        let parts: Vec<&str> = line.split('\t').collect();
        let one = match parts.as_slice() {
            [name, build, contig, position, reference, alternate] => {
                let Ok(position) = position.parse() else { continue };
                let allele = Allele {
                    build: (*build).to_owned(),
                    contig: (*contig).to_owned(),
                    position,
                    reference: (*reference).to_owned(),
                    alternate: (*alternate).to_owned(),
                };
                (*name, NamedAlleles::Found(vec![allele]))
            }
            [name, "version", other] => (*name, NamedAlleles::OtherVersions(vec![(*other).to_owned()])),
            [name, "near", other] => (*name, NamedAlleles::Absent(vec![(*other).to_owned()])),
            [name, "absent"] => (*name, NamedAlleles::Absent(Vec::new())),
            _ => continue,
        };
        match (named.get_mut(one.0), one.1) {
            (Some(NamedAlleles::Found(all)), NamedAlleles::Found(more)) => {
                all.extend(more);
                all.sort();
            }
            (Some(NamedAlleles::OtherVersions(all)), NamedAlleles::OtherVersions(more))
            | (Some(NamedAlleles::Absent(all)), NamedAlleles::Absent(more)) => all.extend(more),
            (Some(_), _) => {}
            (None, first) => {
                named.insert(one.0.to_owned(), first);
            }
        }
    }
    named
}

/// Everything that annotation says of the accessions and rs numbers of the names.
fn known(reader: &mut dyn Reader, names: &BTreeSet<String>) -> Result<Vec<Known>> {
    let stems: BTreeSet<&str> =
        names.iter().filter_map(|name| name.split_once(':')).map(|(accession, _)| stem(accession)).collect();
    let numbers: BTreeSet<&str> =
        names.iter().filter(|name| !name.contains(':')).map(String::as_str).collect();
    let mut known = Vec::new();
    let allele = "v.build, v.contig, cast(v.position as varchar), v.ref, v.alt";
    let clinvar = has_columns(reader, "clinvar", &["rs", "hgvs_g"])?;
    if !numbers.is_empty() {
        let numbers = list(&numbers);
        // The place of a record has the number, and what a deletion elsewhere left of it is no allele of it.
        let mut sql = format!(
            "select {allele}, v.rs from variant v where v.rs in {numbers} and v.kind <> 'overlapping_deletion'"
        );
        if clinvar {
            let _ = write!(sql, " union select {allele}, v.rs from clinvar v where v.rs in {numbers}");
        }
        for row in texts(reader, &sql, 6)? {
            known.extend(of_row(row, |parts| vec![parts[0].clone()]));
        }
    }
    if stems.is_empty() {
        return Ok(known);
    }
    let stems = list(&stems);
    let of = |column: &str| format!("split_part(split_part({column}, ':', 1), '.', 1) in {stems}");
    let optional = ["hgvs_g", "mane"];
    let mut has = Vec::new();
    for column in optional {
        has.push(has_columns(reader, "effect", &[column])?);
    }
    if has_table(reader, "effect")? {
        let column = |at: usize| if has[at] { format!("e.{}", optional[at]) } else { "null".to_owned() };
        let columns = ["e.transcript".to_owned(), "e.hgvs_c".into(), "e.hgvs_p".into(), column(0), column(1)];
        let conditions: Vec<String> =
            columns.iter().filter(|column| *column != "null").map(|column| of(column)).collect();
        let sql = format!(
            "select distinct {allele}, {} from effect e join variant v on v.variant_id = e.variant_id where {}",
            columns.map(|column| format!("cast({column} as varchar)")).join(", "),
            conditions.join(" or ")
        );
        for row in texts(reader, &sql, 10)? {
            known.extend(of_row(row, names_of_effect));
        }
    }
    if clinvar {
        let sql = format!("select distinct {allele}, v.hgvs_g from clinvar v where {}", of("v.hgvs_g"));
        for row in texts(reader, &sql, 6)? {
            known.extend(of_row(row, |parts| vec![parts[0].clone()]));
        }
    }
    known.sort();
    known.dedup();
    Ok(known)
}

fn has_columns(reader: &mut dyn Reader, table: &str, columns: &[&str]) -> Result<bool> {
    let there = reader.columns()?.into_iter().filter(|column| column.table == table);
    let found: BTreeSet<String> = there.map(|column| column.column).collect();
    Ok(columns.iter().all(|column| found.contains(*column)))
}

fn list(texts: &BTreeSet<&str>) -> String {
    format!("({})", texts.iter().map(|text| literal(text)).collect::<Vec<_>>().join(", "))
}

/// A row whose first five columns are an allele, with the names that the others give it.
fn of_row(row: Vec<String>, names: impl Fn(&[String]) -> Vec<String>) -> Vec<Known> {
    let [build, contig, position, reference, alternate, rest @ ..] = row.as_slice() else {
        return Vec::new();
    };
    let Ok(position) = position.parse() else { return Vec::new() };
    let allele = Allele {
        build: build.clone(),
        contig: contig.clone(),
        position,
        reference: reference.clone(),
        alternate: alternate.clone(),
    };
    let names = names(rest).into_iter().filter(|name| !name.is_empty());
    names.map(|name| (name, allele.clone())).collect()
}

/// The names of an effect: transcript, `hgvs_c`, `hgvs_p`, `hgvs_g`, MANE transcript. Annotation holds
/// the accession in a column of its own or before the change, or both.
fn names_of_effect(parts: &[String]) -> Vec<String> {
    let [transcript, coding, protein, genomic, mane] = parts else { return Vec::new() };
    let whole = |change: &String| match (change.is_empty(), change.contains(':')) {
        (true, _) => String::new(),
        (false, true) => change.clone(),
        (false, false) => format!("{transcript}:{change}"),
    };
    let mut names = vec![whole(coding), whole(protein), genomic.clone()];
    let change = coding.split_once(':').map_or(coding.as_str(), |(_, change)| change);
    if !mane.is_empty() && !change.is_empty() {
        names.push(format!("{mane}:{change}"));
    }
    names
}

/// What a name stands for among known ones.
fn found(name: &str, known: &[Known]) -> NamedAlleles {
    let Some((accession, change)) = name.split_once(':') else {
        let alleles = known.iter().filter(|(other, _)| other == name).map(|(_, allele)| allele.clone());
        let alleles: BTreeSet<Allele> = alleles.collect();
        return if alleles.is_empty() {
            NamedAlleles::Absent(Vec::new())
        } else {
            NamedAlleles::Found(alleles.into_iter().collect())
        };
    };
    let wanted = canonical(change);
    let mut alleles: BTreeSet<Allele> = substitution(accession, &wanted).into_iter().collect();
    let mut versions: BTreeSet<String> = BTreeSet::new();
    let mut near: BTreeSet<&str> = BTreeSet::new();
    for (other, allele) in known {
        let Some((of, other_change)) = other.split_once(':') else { continue };
        if stem(of) != stem(accession) {
            continue;
        }
        let same = canonical(other_change) == wanted;
        if same && of == accession {
            alleles.insert(allele.clone());
        } else if same {
            versions.insert(other.clone());
        } else if of == accession {
            near.insert(other);
        }
    }
    if !alleles.is_empty() {
        return NamedAlleles::Found(alleles.into_iter().collect());
    }
    if !versions.is_empty() {
        return NamedAlleles::OtherVersions(versions.into_iter().collect());
    }
    let near = diag::near_names(name, near);
    NamedAlleles::Absent(near.into_iter().take(OFFERED).map(str::to_owned).collect())
}

/// An accession without its version.
fn stem(accession: &str) -> &str {
    accession.split('.').next().unwrap_or(accession)
}

/// A change in one spelling: bases after `del` and `dup` repeat what the positions say, brackets around
/// a predicted protein change are left out, `*` is `Ter`, and of a frameshift only its first amino acid
/// is kept (HGVS recommendations 21.1: DNA deletion, duplication; protein frameshift).
fn canonical(change: &str) -> String {
    if change.starts_with("p.") {
        let plain: String = change.chars().filter(|letter| !matches!(letter, '(' | ')')).collect();
        let plain = plain.replace('*', "Ter");
        return match plain.find("fs") {
            Some(at) => {
                let before = &plain[..at];
                let digits = before.rfind(|letter: char| letter.is_ascii_digit()).map_or(at, |last| last + 1);
                format!("{}fs", &before[..digits])
            }
            None => plain,
        };
    }
    let is_bases = |text: &str| text.bytes().all(|base| matches!(base, b'A' | b'C' | b'G' | b'T' | b'N'));
    if let Some((before, after)) = change.split_once("del") {
        return match after.split_once("ins") {
            Some((deleted, inserted)) if is_bases(deleted) => format!("{before}delins{inserted}"),
            None if is_bases(after) => format!("{before}del"),
            Some(_) | None => change.to_owned(),
        };
    }
    match change.split_once("dup") {
        Some((before, after)) if is_bases(after) => format!("{before}dup"),
        Some(_) | None => change.to_owned(),
    }
}

/// The allele of `NC_000013.11:g.32340301G>T`, which needs no annotation.
fn substitution(accession: &str, change: &str) -> Option<Allele> {
    let (number, version) = accession.strip_prefix("NC_")?.split_once('.')?;
    let number: usize = number.parse().ok()?;
    let version: u8 = version.parse().ok()?;
    let (thirty_seven, thirty_eight) = CHROMOSOMES.get(number.checked_sub(1)?)?;
    let build = match version {
        version if version == *thirty_eight => "GRCh38",
        version if version == *thirty_seven => "GRCh37",
        _ => return None,
    };
    let contig = match number {
        23 => "X".to_owned(),
        24 => "Y".to_owned(),
        number => number.to_string(),
    };
    let change = change.strip_prefix("g.")?;
    let (rest, alternate) = change.split_once('>')?;
    let at = rest.find(|letter: char| !letter.is_ascii_digit())?;
    let (position, reference) = rest.split_at(at);
    let base = |text: &str| matches!(text, "A" | "C" | "G" | "T");
    (base(reference) && base(alternate)).then_some(())?;
    Some(Allele {
        build: build.to_owned(),
        contig,
        position: position.parse().ok()?,
        reference: reference.to_owned(),
        alternate: alternate.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allele(position: i64) -> Allele {
        let text = |text: &str| text.to_owned();
        Allele {
            build: text("GRCh38"),
            contig: text("13"),
            position,
            reference: text("GT"),
            alternate: text("G"),
        }
    }

    fn known() -> Vec<Known> {
        let names = [
            ("ENST00000380152.8:c.5946delT", 1),
            ("NM_000059.4:c.5946delT", 1),
            ("NM_000059.4:c.5946T>A", 2),
            ("NM_000059.4:c.68_69del", 3),
            ("NP_000050.3:p.Ser1982ArgfsTer22", 1),
            ("NP_000050.3:p.Ser1982LysfsTer2", 4),
            ("rs80359550", 1),
        ];
        names.iter().map(|(name, at)| ((*name).to_owned(), allele(*at))).collect()
    }

    #[test]
    fn one_change_has_several_spellings() {
        for (written, one) in [
            ("c.5946delT", "c.5946del"),
            ("c.68_69delAG", "c.68_69del"),
            ("c.20delAinsTT", "c.20delinsTT"),
            ("c.20_21dupAC", "c.20_21dup"),
            ("c.*12A>G", "c.*12A>G"),
            ("p.(Ser1982fs)", "p.Ser1982fs"),
            ("p.Ser1982Argfs*22", "p.Ser1982fs"),
            ("p.Arg97*", "p.Arg97Ter"),
        ] {
            assert_eq!(canonical(written), one, "{written}");
        }
    }

    #[test]
    fn a_name_is_found_with_its_version_and_offered_without() {
        let of = |name: &str| found(name, &known());
        assert_eq!(of("NM_000059.4:c.5946del"), NamedAlleles::Found(vec![allele(1)]));
        assert_eq!(of("rs80359550"), NamedAlleles::Found(vec![allele(1)]));
        assert_eq!(of("rs8"), NamedAlleles::Absent(Vec::new()));
        assert_eq!(
            of("NM_000059.3:c.5946del"),
            NamedAlleles::OtherVersions(vec!["NM_000059.4:c.5946delT".into()])
        );
        assert_eq!(
            of("NM_000059.4:c.5946T>G"),
            NamedAlleles::Absent(vec![
                "NM_000059.4:c.5946T>A".into(),
                "NM_000059.4:c.5946delT".into(),
                "NM_000059.4:c.68_69del".into()
            ]),
            "names of the same transcript, the nearest first"
        );
        assert_eq!(of("NP_000050.3:p.(Ser1982fs)"), NamedAlleles::Found(vec![allele(1), allele(4)]));
    }

    #[test]
    fn a_substitution_of_a_chromosome_needs_no_annotation() {
        let written = |accession, change| substitution(accession, change).map(|allele| allele.written());
        assert_eq!(written("NC_000013.11", "g.32340301G>T").as_deref(), Some("GRCh38:chr13:32340301:G:T"));
        assert_eq!(written("NC_000023.10", "g.153764217C>T").as_deref(), Some("GRCh37:chrX:153764217:C:T"));
        assert_eq!(written("NC_000013.9", "g.32340301G>T"), None, "a version of no build");
        assert_eq!(written("NC_000013.11", "g.32340301del"), None);
    }

    #[test]
    fn a_pin_reads_back() {
        let text = "NM_1.2:c.1A>G\tversion\tNM_1.3:c.1A>G\nNM_9.1:c.2del\tabsent\n\
                    rs1\tGRCh38\t13\t100\tA\tG\nrs1\tGRCh38\t13\t100\tA\tT\n";
        let named = read(text);
        assert!(matches!(named.get("rs1"), Some(NamedAlleles::Found(two)) if two.len() == 2));
        assert_eq!(named.get("NM_9.1:c.2del"), Some(&NamedAlleles::Absent(Vec::new())));
        assert_eq!(
            named.get("NM_1.2:c.1A>G"),
            Some(&NamedAlleles::OtherVersions(vec!["NM_1.3:c.1A>G".into()]))
        );
    }
}
