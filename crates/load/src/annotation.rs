//! Public annotation of genes: where they lie, and which phenotypes they are known for.

use crate::cell::Cell;
use crate::input;
use crate::source::{LoadError, Progress, Rejects, Report, Source, Written, hash_all, transact};
use crate::stage::{Arrival, ColumnSpec, Place, Stage, TableSpec};
use crate::table::csv_error;
use engine::Store;
use model::{ColumnType, Model};
use std::collections::BTreeMap;
use std::path::Path;

/// The table of phenotypes of genes: `symbol, term, disease`; public.
pub const GENE_PHENOTYPE: &str = "gene_phenotype";

const CONTIGS: [&str; 25] = [
    "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17", "18", "19",
    "20", "21", "22", "X", "Y", "MT",
];

/// Loads gene intervals in the form of Ensembl's BioMart into the entity `gene`: a header, then contig,
/// first and last position (1-based, both included), symbol, gene id; separated by tabs. Genes of
/// patches and alternative haplotypes are left out, and a gene with several symbols keeps the first by
/// byte order; the notes count both.
///
/// # Errors
/// Refused records: a wrong number of columns, positions that are no interval.
pub fn load_genes(
    store: &mut dyn Store,
    model: &Model,
    path: &Path,
    build: &str,
    rejects: &mut Rejects,
    progress: &dyn Progress,
) -> Result<Report, LoadError> {
    let mut source = Source::file("genes", path)?;
    source.hash = hash_all([source.hash.as_str(), build]);
    transact(store, &source, rejects, |store, rejects| {
        let running = input::start(progress, &source.name, input::size(path));
        let mut genes: BTreeMap<String, (u64, Gene)> = BTreeMap::new();
        let (mut elsewhere, mut further) = (0_u64, 0_u64);
        each_line(path, progress, |line, columns| {
            match gene(columns) {
                Err(reason) => rejects.refuse(path, line, &reason, columns.join("\t").as_bytes())?,
                Ok((_, gene)) if !CONTIGS.contains(&gene.contig.as_str()) => elsewhere += 1,
                Ok((id, gene)) => match genes.get_mut(&id) {
                    None => drop(genes.insert(id, (line, gene))),
                    Some((_, other)) if other.place() == gene.place() => {
                        further += 1;
                        other.symbol = std::mem::take(&mut other.symbol).min(gene.symbol);
                    }
                    Some((first, _)) => {
                        let reason = format!("{id} lies elsewhere at line {first}");
                        rejects.refuse(path, line, &reason, columns.join("\t").as_bytes())?;
                    }
                },
            }
            Ok(())
        })?;
        drop(running);
        let mut stage =
            Stage::open(store, path, rejects.keeps(), vec![(TableSpec::of(model, "gene")?, Arrival::New)])?;
        for (id, (line, gene)) in genes {
            let cells = vec![
                ("gene_id", Cell::text(&id)),
                ("build", Cell::text(build)),
                ("symbol", gene.symbol.into()),
                ("contig", Cell::text(&gene.contig)),
                ("position", Cell::Int(gene.position)),
                ("end_position", Cell::Int(gene.end)),
            ];
            stage.put_or_refuse(rejects, Place { file: path, line }, &id, vec![(0, cells)])?;
        }
        let settled = stage.settle(rejects)?;
        let mut notes = settled.notes.clone();
        if elsewhere > 0 {
            notes.push(format!("{elsewhere} genes of patches and alternative haplotypes were left out"));
        }
        if further > 0 {
            notes.push(format!("{further} further symbols of genes were left out"));
        }
        Ok(Written { rows: settled.total(), notes })
    })
}

/// Loads HPO's `genes_to_phenotype.txt` into [`GENE_PHENOTYPE`], each row once: a header with the columns
/// `gene_symbol`, `hpo_id` and `disease_id`, separated by tabs.
///
/// # Errors
/// No such columns; refused records: an HPO id that is none, or that the loaded HPO lacks.
pub fn load_gene_phenotypes(
    store: &mut dyn Store,
    path: &Path,
    rejects: &mut Rejects,
    progress: &dyn Progress,
) -> Result<Report, LoadError> {
    let spec = TableSpec {
        table: GENE_PHENOTYPE.into(),
        key: ["symbol", "term", "disease"].map(str::to_owned).to_vec(),
        columns: vec![
            ColumnSpec::of("symbol", ColumnType::Gene, false),
            ColumnSpec::of("term", ColumnType::Code("HP".into()), false),
            ColumnSpec::of("disease", ColumnType::Text, false),
        ],
        references: Vec::new(),
    };
    store
        .execute("create table if not exists gene_phenotype (symbol VARCHAR not null, term VARCHAR not null, disease VARCHAR not null)")
        .map_err(|error| LoadError::engine(path, error))?;
    let source = Source::file("gene phenotypes", path)?;
    transact(store, &source, rejects, |store, rejects| {
        let running = input::start(progress, &source.name, input::size(path));
        let mut stage = Stage::open(store, path, rejects.keeps(), vec![(spec, Arrival::New)])?;
        let mut places: Option<[usize; 3]> = None;
        // The frequency column, which is not loaded, tells some rows apart; rows of a gene are together.
        let mut gene = String::new();
        let mut seen = std::collections::BTreeSet::new();
        each_line_with_header(path, progress, |line, columns| {
            let Some([symbol, term, disease]) = places else {
                let at = |name: &str| columns.iter().position(|column| column == name);
                let (Some(a), Some(b), Some(c)) = (at("gene_symbol"), at("hpo_id"), at("disease_id")) else {
                    return Err(LoadError::line(
                        path,
                        line,
                        "the header has not the columns gene_symbol, hpo_id, disease_id",
                    ));
                };
                places = Some([a, b, c]);
                return Ok(());
            };
            let cell = |at: usize| columns.get(at).cloned().unwrap_or_default();
            if cell(symbol) != gene {
                gene = cell(symbol);
                seen.clear();
            }
            if !seen.insert((cell(term), cell(disease))) {
                return Ok(());
            }
            let cells = vec![
                ("symbol", Cell::Text(cell(symbol))),
                ("term", Cell::Text(cell(term))),
                ("disease", Cell::Text(cell(disease))),
            ];
            stage.put_or_refuse(rejects, Place { file: path, line }, &columns.join("\t"), vec![(0, cells)])
        })?;
        drop(running);
        let settled = stage.settle(rejects)?;
        Ok(Written { rows: settled.total(), notes: settled.notes })
    })
}

struct Gene {
    contig: String,
    position: i64,
    end: i64,
    symbol: Option<String>,
}

impl Gene {
    fn place(&self) -> (&str, i64, i64) {
        (&self.contig, self.position, self.end)
    }
}

fn gene(columns: &[String]) -> Result<(String, Gene), String> {
    let [contig, position, end, symbol, id] = columns else {
        return Err(format!(
            "{} columns, expected contig, first and last position, symbol, id",
            columns.len()
        ));
    };
    let number = |text: &str| text.parse::<i64>().map_err(|_| format!("`{text}` is not a position"));
    let (position, end) = (number(position)?, number(end)?);
    if position < 1 || end < position || id.is_empty() {
        return Err(format!("{id} from {position} to {end} is no interval of a gene"));
    }
    let symbol = Some(symbol.clone()).filter(|symbol| !symbol.is_empty());
    Ok((id.clone(), Gene { contig: contig.clone(), position, end, symbol }))
}

/// All lines but the first, which is a header.
fn each_line(
    path: &Path,
    progress: &dyn Progress,
    mut run: impl FnMut(u64, &[String]) -> Result<(), LoadError>,
) -> Result<(), LoadError> {
    let mut header = true;
    each_line_with_header(path, progress, |line, columns| {
        if std::mem::take(&mut header) { Ok(()) } else { run(line, columns) }
    })
}

fn each_line_with_header(
    path: &Path,
    progress: &dyn Progress,
    mut run: impl FnMut(u64, &[String]) -> Result<(), LoadError>,
) -> Result<(), LoadError> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b'\t')
        .quoting(false)
        .has_headers(false)
        .flexible(true)
        .from_reader(input::open(path, progress)?);
    for record in reader.records() {
        let record = record.map_err(|error| csv_error(path, &error))?;
        let line = record.position().map_or(0, csv::Position::line);
        let columns: Vec<String> = record.iter().map(str::to_owned).collect();
        run(line, &columns)?;
    }
    Ok(())
}
