//! The grammar of one `##` line, as strict as its version of VCF.
//!
//! VCF specification 4.1 to 4.5, section 1.2 and 1.4. A structured line is `##KEY=<A=x,B="y",...>`;
//! keys that the specification does not name are only read as far as their brackets. What the lines
//! together mean is [`super::header`].

use super::build::MOST_BASES;
use super::reserved::{self, Number, Type};

/// A version of VCF that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Version {
    V41,
    V42,
    V43,
    V44,
    V45,
}

/// The definition of an INFO or FORMAT key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Definition {
    /// How many values.
    pub number: Number,
    /// Of which type.
    pub ty: Type,
    /// The description; tools keep the columns of their annotation in it.
    pub description: String,
}

/// What a line says that the loader needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Meta {
    /// An INFO key.
    Info(String, Definition),
    /// A FORMAT key.
    Format(String, Definition),
    /// A contig with its length and assembly.
    Contig { id: String, length: Option<u64>, assembly: Option<String> },
    /// `##reference` or `##assembly`: words that may name a build.
    Reference(String),
    /// Checked, and of no further use.
    Other,
}

/// `key=value` of a structured line.
struct Field {
    key: String,
    value: String,
    quoted: bool,
}

/// The version that a `##fileformat` line names; the line must be exactly this.
pub(crate) fn version(line: &str) -> Result<Version, String> {
    match line.strip_prefix("##fileformat=") {
        Some("VCFv4.1") => Ok(Version::V41),
        Some("VCFv4.2") => Ok(Version::V42),
        Some("VCFv4.3") => Ok(Version::V43),
        Some("VCFv4.4") => Ok(Version::V44),
        Some("VCFv4.5") => Ok(Version::V45),
        Some(other) => Err(format!("fileformat is `{other}`; VCFv4.1 to VCFv4.5 are read")),
        None => Err("the first line is not `##fileformat=VCFv4.x`".into()),
    }
}

/// Reads a line that begins with `##`.
pub(crate) fn read(line: &str, version: Version) -> Result<Meta, String> {
    let body = line.strip_prefix("##").unwrap_or(line);
    let Some((key, value)) = body.split_once('=') else {
        return Err("a meta line is `##KEY=VALUE`; this has no `=`".into());
    };
    if key.is_empty() || value.is_empty() {
        return Err("a meta line is `##KEY=VALUE`; one of them is empty".into());
    }
    match key {
        "INFO" => definition(value, version, true).map(|(id, found)| Meta::Info(id, found)),
        "FORMAT" => definition(value, version, false).map(|(id, found)| Meta::Format(id, found)),
        "FILTER" => filter(value),
        "ALT" => alt(value, version),
        "contig" => contig(value, version),
        "META" if version >= Version::V43 => meta(value, version),
        "SAMPLE" => sample(value, version),
        "PEDIGREE" => pedigree(value, version),
        "assembly" | "pedigreeDB" => url(key, value),
        "reference" => Ok(Meta::Reference(value.to_owned())),
        _ => brackets(value),
    }
}

fn definition(value: &str, version: Version, info: bool) -> Result<(String, Definition), String> {
    let what = if info { "INFO" } else { "FORMAT" };
    let fields = structured(value)?;
    let [id, number, ty, description] = in_order(&fields, what, ["ID", "Number", "Type", "Description"])?;
    if !key_is_good(&id.value, version, info) {
        return Err(format!("{what} ID `{}` is not a name", id.value));
    }
    let number = Number::read(&number.value, version).ok_or_else(|| {
        format!("{what} {}: Number `{}` is none of VCF {}", id.value, number.value, version.words())
    })?;
    let ty = Type::read(&ty.value).filter(|ty| info || *ty != Type::Flag);
    let ty = ty.ok_or_else(|| format!("{what} {}: Type `{}` does not exist", id.value, fields[2].value))?;
    if !description.quoted {
        return Err(format!("{what} {}: Description must stand in double quotes", id.value));
    }
    let reserved =
        if info { reserved::info(&id.value, version) } else { reserved::format(&id.value, version) };
    if let Some(rule) = reserved {
        if number != rule.number {
            return Err(format!("{what} {} is reserved: its Number is {}", id.value, rule.number.words()));
        }
        if ty != rule.ty && !rule.any_type {
            return Err(format!("{what} {} is reserved: its Type is {}", id.value, rule.ty.words()));
        }
    }
    Ok((id.value.clone(), Definition { number, ty, description: description.value.clone() }))
}

fn filter(value: &str) -> Result<Meta, String> {
    let fields = structured(value)?;
    let [id, description] = in_order(&fields, "FILTER", ["ID", "Description"])?;
    if id.value == "0" || id.value.contains([';', ' ', '\t']) {
        return Err(format!("FILTER ID `{}` is not a name", id.value));
    }
    quoted("FILTER", description)
}

/// The names of kinds of structural variant; `:` joins subtypes to them.
const STRUCTURAL: [&str; 7] = ["DEL", "INS", "DUP", "INV", "CNV", "BND", "TRA"];

fn alt(value: &str, version: Version) -> Result<Meta, String> {
    let fields = structured(value)?;
    let description = if fields.get(1).is_some_and(|field| field.key == "Number") {
        let [_, number, ty, description] = in_order(&fields, "ALT", ["ID", "Number", "Type", "Description"])?;
        if Number::read(&number.value, version).is_none() || Type::read(&ty.value).is_none() {
            return Err("ALT: Number or Type does not exist".into());
        }
        description
    } else {
        let [_, description] = in_order(&fields, "ALT", ["ID", "Description"])?;
        description
    };
    let id = &fields[0].value;
    if id.contains([' ', ',', '<', '>']) {
        return Err(format!("ALT ID `{id}` has a character that none may have"));
    }
    if let Some((kind, _)) = id.split_once(':')
        && !STRUCTURAL.contains(&kind)
    {
        return Err(format!(
            "ALT ID `{id}`: `{kind}` is no kind of structural variant ({})",
            STRUCTURAL.join(", ")
        ));
    }
    quoted("ALT", description)
}

fn contig(value: &str, version: Version) -> Result<Meta, String> {
    let fields = structured(value)?;
    let find = |key: &str| fields.iter().find(|field| field.key == key).map(|field| field.value.clone());
    let Some(id) = find("ID") else { return Err("contig without ID".into()) };
    if !contig_is_good(&id, version) {
        return Err(format!("contig ID `{id}` has a character that none may have"));
    }
    let length = match find("length") {
        Some(text) => {
            let length = text.parse().ok().filter(|length| *length < MOST_BASES);
            Some(length.ok_or_else(|| format!("contig {id}: length `{text}` is not a number of bases"))?)
        }
        None => None,
    };
    Ok(Meta::Contig { id, length, assembly: find("assembly") })
}

fn meta(value: &str, version: Version) -> Result<Meta, String> {
    let fields = structured(value)?;
    let [id, number, ty, values] = in_order(&fields, "META", ["ID", "Number", "Type", "Values"])?;
    if Number::read(&number.value, version).is_none() || Type::read(&ty.value).is_none() {
        return Err(format!("META {}: Number or Type does not exist", id.value));
    }
    if !(values.value.starts_with('[') && values.value.ends_with(']')) {
        return Err(format!("META {}: Values must stand in square brackets", id.value));
    }
    Ok(Meta::Other)
}

fn sample(value: &str, version: Version) -> Result<Meta, String> {
    let fields = structured(value)?;
    if version >= Version::V43 {
        let [id] = in_order(&fields, "SAMPLE", ["ID"])?;
        let good = |c: char| c.is_ascii_graphic() && !"*,<>=\"".contains(c);
        return if id.value.chars().all(good) {
            Ok(Meta::Other)
        } else {
            Err(format!("SAMPLE ID `{}` is not a name", id.value))
        };
    }
    let [.., description] = in_order(&fields, "SAMPLE", ["ID", "Genomes", "Mixture", "Description"])?;
    if fields[..3].iter().any(|field| field.quoted) {
        return Err("SAMPLE: only Description stands in double quotes".into());
    }
    quoted("SAMPLE", description)
}

fn pedigree(value: &str, version: Version) -> Result<Meta, String> {
    let fields = structured(value)?;
    if version >= Version::V43 {
        in_order(&fields, "PEDIGREE", ["ID"])?;
    }
    for field in &fields {
        if field.value.is_empty()
            || !field.value.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
        {
            return Err(format!("PEDIGREE: `{}` is not the name of a sample", field.value));
        }
    }
    Ok(Meta::Other)
}

/// `##assembly` and `##pedigreeDB`: a URL, whose host is no bare number, or any other word.
fn url(key: &str, value: &str) -> Result<Meta, String> {
    let inner = value.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(value);
    if inner.is_empty() {
        return Err(format!("{key} is empty"));
    }
    if let Some((_, rest)) = inner.split_once("://") {
        let authority = rest.split('/').next().unwrap_or(rest);
        let host = authority.rsplit('@').next().unwrap_or(authority);
        let host = host.split(':').next().unwrap_or(host);
        if host.is_empty() || host.chars().all(|c| c.is_ascii_digit()) {
            return Err(format!("{key}: `{host}` is no host"));
        }
    }
    Ok(if key == "assembly" { Meta::Reference(inner.to_owned()) } else { Meta::Other })
}

fn brackets(value: &str) -> Result<Meta, String> {
    if value.starts_with('<') && !value.ends_with('>') {
        Err("`<` without `>` at the end".into())
    } else {
        Ok(Meta::Other)
    }
}

fn quoted(what: &str, description: &Field) -> Result<Meta, String> {
    if description.quoted {
        Ok(Meta::Other)
    } else {
        Err(format!("{what}: Description must stand in double quotes"))
    }
}

/// The first fields, which must have these names in this order; others may follow.
fn in_order<'a, const N: usize>(
    fields: &'a [Field],
    what: &str,
    names: [&str; N],
) -> Result<[&'a Field; N], String> {
    let wrong = || {
        format!("{what} must begin with {}{}", names.join(", "), if N > 1 { " in this order" } else { "" })
    };
    let first: Vec<&Field> = fields.iter().take(N).collect();
    let first: [&Field; N] = first.try_into().map_err(|_| wrong())?;
    if first.iter().zip(names).all(|(field, name)| field.key == name) { Ok(first) } else { Err(wrong()) }
}

/// The fields between `<` and `>`.
fn structured(value: &str) -> Result<Vec<Field>, String> {
    let inner = value.strip_prefix('<').and_then(|rest| rest.strip_suffix('>'));
    let Some(mut rest) = inner else { return Err("the value must stand between `<` and `>`".into()) };
    let mut fields: Vec<Field> = Vec::new();
    loop {
        let end = rest.find([',', '=']).unwrap_or(rest.len());
        let Some(after) = rest[end..].strip_prefix('=') else {
            return Err(format!("`{}` is not `key=value`", &rest[..end]));
        };
        let key = rest[..end].to_owned();
        if key.is_empty() || fields.iter().any(|field| field.key == key) {
            return Err(format!("the key `{key}` is empty or stands twice"));
        }
        let (value, quoted, left) = field_value(after)?;
        fields.push(Field { key, value, quoted });
        match left.strip_prefix(',') {
            Some(next) => rest = next,
            None if left.is_empty() => return Ok(fields),
            None => {
                return Err(format!(
                    "`{left}` follows a closing quote or bracket; quotes within are written `\\\"`"
                ));
            }
        }
    }
}

/// A value at the start of a text, whether it was quoted, and what follows it.
fn field_value(text: &str) -> Result<(String, bool, &str), String> {
    if let Some(inner) = text.strip_prefix('"') {
        let mut value = String::new();
        let mut escaped = false;
        for (at, c) in inner.char_indices() {
            match c {
                '\\' if !escaped => escaped = true,
                '"' if !escaped => return Ok((value, true, &inner[at + 1..])),
                _ => {
                    if escaped && c != '"' && c != '\\' {
                        value.push('\\');
                    }
                    escaped = false;
                    value.push(c);
                }
            }
        }
        return Err("a double quote is not closed".into());
    }
    let end = match text.chars().next() {
        Some('[') => text.find(']').map(|at| at + 1),
        Some('<') => text.find('>').map(|at| at + 1),
        _ => text.find(','),
    };
    let end = end.unwrap_or(text.len());
    Ok((text[..end].to_owned(), false, &text[end..]))
}

/// Whether a name may be an INFO or FORMAT key: letters, digits, `_` and `.`; from 4.3 on it does not
/// begin with a digit, but for the reserved `1000G`. Before, FORMAT keys were letters and digits only;
/// `MIN_DP` and its like are so common that `_` is read there too.
pub(crate) fn key_is_good(key: &str, version: Version, info: bool) -> bool {
    let first = key.chars().next();
    let start = match first {
        Some(c) if version >= Version::V43 => c.is_ascii_alphabetic() || c == '_' || (info && key == "1000G"),
        Some(_) => true,
        None => false,
    };
    // Tools for structural variants write `-` and `/` in INFO keys of older versions.
    let more = if version < Version::V43 && info { "_.-/+" } else { "_." };
    start && key.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c))
}

/// Whether a name may be that of a contig. From 4.3 on the punctuation is closed; the alleles of HLA
/// (`HLA-A*01:01:01:01`), contigs of GRCh38, have `*` and `:` all the same.
pub(crate) fn contig_is_good(name: &str, version: Version) -> bool {
    let inner = name.strip_prefix('<').and_then(|rest| rest.strip_suffix('>'));
    let hla = name.starts_with("HLA-");
    let plain = inner.unwrap_or(name);
    let forbidden = if version >= Version::V43 { "*,<>=\\'\"`(){}[]:" } else { ",<>[]:" };
    !plain.is_empty()
        && plain
            .chars()
            .all(|c| c.is_ascii_graphic() && (!forbidden.contains(c) || (hla && "*:".contains(c))))
}

impl Version {
    /// As people write it.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Version::V41 => "4.1",
            Version::V42 => "4.2",
            Version::V43 => "4.3",
            Version::V44 => "4.4",
            Version::V45 => "4.5",
        }
    }
}
