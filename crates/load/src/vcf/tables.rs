//! The rows of one call set on their way into the warehouse: alleles, sites, calls, effects, coverage.
//!
//! Alleles wait in a batch until it is known which of them the warehouse has already; then all rows
//! of the batch go in. A batch is bounded in alleles and calls, so memory does not grow with files.

use super::allele::Allele;
use super::batch::{Batch, Columns, integers, texts};
use super::build::Build;
use super::calls::Call;
use super::coverage::Interval;
use super::effects::Effect;
use crate::schema::{self, literal};
use crate::source::LoadError;
use arrow::array::{Array, BinaryArray, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use engine::Store;
use model::Model;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Rows of covered people handed to the engine at once.
const PIECE: usize = 65_536;

/// Alleles of a batch.
const ALLELES: usize = 2_048;
/// Calls of a batch.
const CALLS: usize = 1 << 18;
/// How far back, in bases, alleles are remembered to tell repeated ones by line; a repeat further
/// apart (it would need a longer left shift) is found at the end, without its line.
const REMEMBERED: u64 = 10_000;
/// A table of ours that lives within the transaction.
const ASKED: &str = "load_allele";

/// What tells an allele of a contig: position, end, reference, alternate.
type Key = (u64, u64, String, String);

/// What a record says of all its alleles.
#[derive(Clone, Debug, Default)]
pub(crate) struct Site<'a> {
    pub filter: Option<&'a str>,
    /// With 12 digits after the point.
    pub quality: Option<i128>,
    pub name: Option<&'a str>,
}

/// Writes the rows of one call set.
pub(crate) struct Writer<'a> {
    store: &'a mut dyn Store,
    model: &'a Model,
    /// For errors that belong to no line.
    path: PathBuf,
    build: Build,
    pub call_set: i64,
    first_new: i64,
    next: i64,
    /// Contigs of which the warehouse has alleles.
    known: BTreeSet<String>,
    contig: String,
    recent: BTreeMap<Key, u32>,
    batch: Batch,
    coverage: Vec<(String, Interval)>,
    covers: bool,
    rows: u64,
    /// Alleles that had effects already.
    pub annotated_before: u64,
}

impl<'a> Writer<'a> {
    /// For a new call set of a build. Must be called inside a transaction.
    pub(crate) fn new(
        store: &'a mut dyn Store,
        model: &'a Model,
        path: &Path,
        build: Build,
    ) -> Result<Self, LoadError> {
        let mut writer = Self {
            store,
            model,
            path: path.to_owned(),
            build,
            call_set: 0,
            first_new: 0,
            next: 0,
            known: BTreeSet::new(),
            contig: String::new(),
            recent: BTreeMap::new(),
            batch: Batch::default(),
            coverage: Vec::new(),
            covers: false,
            rows: 0,
            annotated_before: 0,
        };
        writer.call_set = writer.number("select coalesce(max(call_set_id), 0) + 1 from call_set")?;
        writer.first_new = writer.number("select coalesce(max(variant_id), 0) + 1 from variant")?;
        writer.next = writer.first_new;
        let contigs = format!("select distinct contig from variant where build = {}", literal(build.name()));
        writer.known = writer.texts(&contigs)?.into_iter().collect();
        Ok(writer)
    }

    /// Writes the call set and who is in it: sample ids by ordinal.
    pub(crate) fn people(&mut self, name: &str, hash: &str, samples: &[&str]) -> Result<(), LoadError> {
        let people = i64::try_from(samples.len()).unwrap_or(i64::MAX);
        let mut row = Columns::new(1);
        row.put("call_set_id", integers(vec![self.call_set]));
        row.put("name", texts([Some(name)]));
        row.put("build", texts([Some(self.build.name())]));
        row.put("people", integers(vec![people]));
        row.put("source_hash", texts([Some(hash)]));
        self.append("call_set", &row)?;
        let mut rows = Columns::new(samples.len());
        rows.put("call_set_id", integers(vec![self.call_set; samples.len()]));
        rows.put("ordinal", integers((0..people).collect()));
        rows.put("sample_id", texts(samples.iter().copied().map(Some)));
        self.append("call_set_sample", &rows)
    }

    /// How many times this call set has an allele already. More than once is an error of the record
    /// where the allele is exact; others (`<INS>`, `*`) are told apart by this count.
    pub(crate) fn repeats(&mut self, contig: &str, allele: &Allele) -> Result<u32, LoadError> {
        self.enter(contig)?;
        Ok(self.recent.get(&key(allele)).copied().unwrap_or(0))
    }

    /// Adds an allele record with its calls; `number` is its place in ALT, from 1, and `ordinals` the
    /// ordinal of each sample's column where they differ. Gives its place in the batch for
    /// [`Writer::effect`].
    pub(crate) fn allele(
        &mut self,
        contig: &str,
        allele: Allele,
        site: &Site<'_>,
        number: u16,
        calls: &[Call],
        ordinals: Option<&[u32]>,
    ) -> Result<u32, LoadError> {
        self.enter(contig)?;
        if self.batch.alleles() >= ALLELES || self.batch.calls() >= CALLS {
            self.flush()?;
        }
        let seen = self.recent.entry(key(&allele)).or_insert(0);
        let occurrence = *seen;
        *seen += 1;
        if self.recent.len() > 4 * ALLELES {
            let from = allele.position.saturating_sub(REMEMBERED);
            self.recent = self.recent.split_off(&(from, 0, String::new(), String::new()));
        }
        Ok(self.batch.push(allele, occurrence, site, number, calls, ordinals))
    }

    /// Adds an effect of an allele that was just added.
    pub(crate) fn effect(&mut self, at: u32, effect: Effect) {
        self.batch.effects.push((at, effect));
    }

    /// Adds intervals of coverage of a contig.
    pub(crate) fn coverage(&mut self, contig: &str, intervals: Vec<Interval>) -> Result<(), LoadError> {
        self.covers |= !intervals.is_empty();
        self.coverage.extend(intervals.into_iter().map(|interval| (contig.to_owned(), interval)));
        if self.coverage.len() >= ALLELES { self.flush_coverage() } else { Ok(()) }
    }

    /// A file is done: what it brought is known to the next one.
    pub(crate) fn end_of_file(&mut self) -> Result<(), LoadError> {
        self.enter("")
    }

    /// Writes what waits, and checks what only the whole call set shows. Gives the rows written.
    pub(crate) fn finish(&mut self) -> Result<u64, LoadError> {
        self.enter("")?;
        self.flush_coverage()?;
        let (set, new) = (self.call_set, self.first_new);
        let exact = "kind not in ('symbolic', 'overlapping_deletion')";
        self.refuse_any(
            &format!(
                "select contig || ':' || position || ' ' || ref || '>' || alt from variant \
                 where variant_id >= {new} and {exact} group by contig, position, ref, alt having count(*) > 1 \
                 order by 1 limit 1"
            ),
            "the same allele stands twice in the call set, after alignment:",
        )?;
        self.refuse_any(
            &format!(
                "select min(v.contig || ':' || v.position || ' ' || v.ref || '>' || v.alt) from site s \
                 join variant v using (variant_id) where s.call_set_id = {set} group by s.variant_id having count(*) > 1 \
                 order by 1 limit 1"
            ),
            "the same allele stands twice in the files of the call set:",
        )?;
        if self.covers {
            self.refuse_any(
                &format!(
                    "select contig || ':' || start_position from (select contig, start_position, lag(end_position) \
                     over (partition by contig order by start_position) as before from coverage where call_set_id = {set}) as blocks \
                     where before >= start_position order by 1 limit 1"
                ),
                "reference blocks of the call set lie over each other or are not sorted, at",
            )?;
        }
        if self.model.find("clinvar").is_some() {
            // A release that was loaded before this call set speaks of its alleles too.
            self.execute(&format!(
                "update clinvar set variant_id = v.variant_id from variant v where clinvar.variant_id is null \
                 and v.variant_id >= {new} and v.build = clinvar.build and v.contig = clinvar.contig \
                 and v.position = clinvar.position and v.end_position = clinvar.end_position \
                 and v.ref = clinvar.ref and v.alt = clinvar.alt"
            ))?;
        }
        self.execute(&format!("drop table if exists {ASKED}"))?;
        Ok(self.rows)
    }

    /// Turns to a contig; what waits of the one before is written.
    fn enter(&mut self, contig: &str) -> Result<(), LoadError> {
        if self.contig == contig {
            return Ok(());
        }
        self.flush()?;
        if !self.contig.is_empty() {
            // Another file of the call set may come back to it.
            self.known.insert(std::mem::take(&mut self.contig));
        }
        contig.clone_into(&mut self.contig);
        self.recent.clear();
        Ok(())
    }

    fn flush(&mut self) -> Result<(), LoadError> {
        if self.batch.alleles() == 0 {
            return Ok(());
        }
        let batch = std::mem::take(&mut self.batch);
        let found = if self.known.contains(&self.contig) { self.ask(&batch)? } else { BTreeMap::new() };
        let mut ids = Vec::with_capacity(batch.alleles());
        let mut new = Vec::with_capacity(batch.alleles());
        for (at, row) in batch.rows.iter().enumerate() {
            let old = found.get(&at).and_then(|ids| ids.get(row.occurrence as usize)).copied();
            new.push(old.is_none());
            ids.push(old.unwrap_or_else(|| {
                self.next += 1;
                self.next - 1
            }));
        }
        self.append("variant", &batch.variants(&ids, &new, self.build.name(), &self.contig))?;
        self.append("site", &batch.sites(&ids, self.call_set))?;
        self.append("call", &batch.genotypes(&ids, self.call_set))?;
        if self.model.find("reference_call").is_some() {
            self.append("reference_call", &batch.reference_calls(&ids, self.call_set))?;
        }
        if !batch.effects.is_empty() {
            let old: Vec<i64> = ids.iter().zip(&new).filter(|(_, new)| !**new).map(|(id, _)| *id).collect();
            let before = self.annotated(&old)?;
            self.annotated_before += before.len() as u64;
            self.append("effect", &batch.effects(&ids, &before))?;
        }
        Ok(())
    }

    /// The ids of alleles of a batch that the warehouse has, by their place in the batch, ascending.
    fn ask(&mut self, batch: &Batch) -> Result<BTreeMap<usize, Vec<i64>>, LoadError> {
        self.execute(&format!("drop table if exists {ASKED}"))?;
        self.execute(&format!(
            "create table {ASKED} (place BIGINT, position BIGINT, end_position BIGINT, ref VARCHAR, alt VARCHAR)"
        ))?;
        let field = |name: &str, ty: DataType| Field::new(name, ty, false);
        let schema = Schema::new(vec![
            field("place", DataType::Int64),
            field("position", DataType::Int64),
            field("end_position", DataType::Int64),
            field("ref", DataType::Utf8),
            field("alt", DataType::Utf8),
        ]);
        let rows = RecordBatch::try_new(Arc::new(schema), batch.keys())
            .map_err(|error| LoadError::file(&self.path, error.to_string()))?;
        self.store.append(ASKED, rows).map_err(|error| LoadError::engine(&self.path, error))?;
        let positions = || batch.rows.iter().map(|row| row.allele.position);
        let (low, high) = (positions().min().unwrap_or(0), positions().max().unwrap_or(0));
        let sql = format!(
            "select a.place, v.variant_id from {ASKED} a join variant v on v.position = a.position and v.ref = a.ref \
             and v.alt = a.alt and v.end_position = a.end_position \
             where v.build = {} and v.contig = {} and v.position between {low} and {high} order by a.place, v.variant_id",
            literal(self.build.name()),
            literal(&self.contig)
        );
        let mut found: BTreeMap<usize, Vec<i64>> = BTreeMap::new();
        for rows in self.query(&sql)? {
            if let (Some(places), Some(ids)) =
                (column::<Int64Array>(&rows, 0), column::<Int64Array>(&rows, 1))
            {
                for (place, id) in places.values().iter().zip(ids.values()) {
                    found.entry(usize::try_from(*place).unwrap_or(usize::MAX)).or_default().push(*id);
                }
            }
        }
        Ok(found)
    }

    /// Which of these alleles have effects already.
    fn annotated(&mut self, ids: &[i64]) -> Result<BTreeSet<i64>, LoadError> {
        if ids.is_empty() {
            return Ok(BTreeSet::new());
        }
        let list: Vec<String> = ids.iter().map(i64::to_string).collect();
        let sql = format!("select distinct variant_id from effect where variant_id in ({})", list.join(", "));
        let found = self.query(&sql)?;
        let ids = found.iter().filter_map(|rows| column::<Int64Array>(rows, 0));
        Ok(ids.flat_map(|ids| ids.values().to_vec()).collect())
    }

    fn flush_coverage(&mut self) -> Result<(), LoadError> {
        let waiting = std::mem::take(&mut self.coverage);
        if waiting.is_empty() {
            return Ok(());
        }
        let whole = |at: u64| i64::try_from(at).unwrap_or(i64::MAX);
        let covered: Vec<Option<Vec<u8>>> =
            waiting.iter().map(|(_, interval)| interval.covered.bytes()).collect();
        let mut rows = Columns::new(waiting.len());
        rows.put("call_set_id", integers(vec![self.call_set; waiting.len()]));
        rows.put("contig", texts(waiting.iter().map(|(contig, _)| Some(contig.as_str()))));
        rows.put(
            "start_position",
            integers(waiting.iter().map(|(_, interval)| whole(interval.start)).collect()),
        );
        rows.put("end_position", integers(waiting.iter().map(|(_, interval)| whole(interval.end)).collect()));
        rows.put("covered", Arc::new(BinaryArray::from_iter(covered)));
        self.append("coverage", &rows)?;
        self.covered_people(&waiting)
    }

    /// The same person by person, where not everyone is covered: for engines that do not read sets.
    fn covered_people(&mut self, waiting: &[(String, Interval)]) -> Result<(), LoadError> {
        let whole = |at: u64| i64::try_from(at).unwrap_or(i64::MAX);
        let people: Vec<(&str, &Interval, i64)> = waiting
            .iter()
            .flat_map(|(contig, interval)| {
                interval
                    .covered
                    .ordinals()
                    .into_iter()
                    .map(move |ordinal| (contig.as_str(), interval, ordinal))
            })
            .collect();
        for piece in people.chunks(PIECE) {
            let mut rows = Columns::new(piece.len());
            rows.put("call_set_id", integers(vec![self.call_set; piece.len()]));
            rows.put("contig", texts(piece.iter().map(|(contig, ..)| Some(*contig))));
            rows.put("start_position", integers(piece.iter().map(|(_, at, _)| whole(at.start)).collect()));
            rows.put("end_position", integers(piece.iter().map(|(_, at, _)| whole(at.end)).collect()));
            rows.put("ordinal", integers(piece.iter().map(|(.., ordinal)| *ordinal).collect()));
            self.append("covered_person", &rows)?;
        }
        Ok(())
    }

    /// Appends rows to the table of an entity.
    pub(crate) fn append(&mut self, entity: &str, rows: &Columns) -> Result<(), LoadError> {
        let id = self.model.find(entity).ok_or_else(|| self.unfit(entity, "there is no such entity"))?;
        let entity = self.model.entity(id);
        self.rows += rows.len() as u64;
        let rows = rows
            .fit(&Arc::new(schema::arrow_schema(entity)))
            .map_err(|reason| self.unfit(&entity.name, &reason))?;
        self.store.append(&entity.table, rows).map_err(|error| LoadError::engine(&self.path, error))
    }

    /// The first column of a query, as text.
    pub(crate) fn texts(&mut self, sql: &str) -> Result<Vec<String>, LoadError> {
        let mut all = Vec::new();
        for rows in self.query(sql)? {
            if let Some(texts) = column::<StringArray>(&rows, 0) {
                all.extend((0..texts.len()).map(|row| texts.value(row).to_owned()));
            }
        }
        Ok(all)
    }

    /// Runs a statement of ours.
    pub(crate) fn execute(&mut self, sql: &str) -> Result<(), LoadError> {
        self.store.execute(sql).map_err(|error| LoadError::engine(&self.path, error))
    }

    fn query(&mut self, sql: &str) -> Result<Vec<RecordBatch>, LoadError> {
        self.store.query(sql).map_err(|error| LoadError::engine(&self.path, error))
    }

    fn number(&mut self, sql: &str) -> Result<i64, LoadError> {
        let rows = self.query(sql)?;
        let found = rows.first().and_then(|rows| column::<Int64Array>(rows, 0)).filter(|ids| !ids.is_empty());
        found
            .map(|ids| ids.value(0))
            .ok_or_else(|| LoadError::file(&self.path, "the engine gives no number for the next id"))
    }

    fn refuse_any(&mut self, sql: &str, reason: &str) -> Result<(), LoadError> {
        match self.texts(sql)?.first() {
            Some(found) => Err(LoadError::file(&self.path, format!("{reason} {found}"))),
            None => Ok(()),
        }
    }

    fn unfit(&self, entity: &str, reason: &str) -> LoadError {
        LoadError::file(
            &self.path,
            format!("the model {} does not fit VCF, entity {entity}: {reason}", self.model.name),
        )
    }
}

fn key(allele: &Allele) -> Key {
    (allele.position, allele.end, allele.reference.clone(), allele.alternate.clone())
}

fn column<T: Clone + 'static>(rows: &RecordBatch, at: usize) -> Option<T> {
    rows.columns().get(at)?.as_any().downcast_ref::<T>().cloned()
}
