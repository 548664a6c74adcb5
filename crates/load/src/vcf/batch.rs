//! A batch of allele records with their calls and effects, and how it becomes Arrow rows.
//!
//! Columns are named and put in the order of the model; a column of the model that VCF does not know
//! is null where it may be.

use super::allele::Allele;
use super::calls::Call;
use super::effects::Effect;
use super::tables::Site;
use arrow::array::{
    ArrayRef, BooleanArray, Decimal128Array, Int64Array, RecordBatch, StringArray, new_null_array,
};
use arrow::datatypes::Schema;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Named columns of equal length.
#[derive(Debug)]
pub(crate) struct Columns {
    rows: usize,
    named: BTreeMap<&'static str, ArrayRef>,
}

impl Columns {
    pub(crate) fn new(rows: usize) -> Self {
        Self { rows, named: BTreeMap::new() }
    }

    pub(crate) fn put(&mut self, name: &'static str, column: ArrayRef) {
        self.named.insert(name, column);
    }

    pub(crate) fn len(&self) -> usize {
        self.rows
    }

    /// In the order of a schema; the error names a column that is needed and unknown.
    pub(crate) fn fit(&self, schema: &Arc<Schema>) -> Result<RecordBatch, String> {
        let mut columns = Vec::with_capacity(schema.fields().len());
        for field in schema.fields() {
            columns.push(match self.named.get(field.name().as_str()) {
                Some(column) => Arc::clone(column),
                None if field.is_nullable() => new_null_array(field.data_type(), self.rows),
                None => {
                    return Err(format!(
                        "nothing is known for its column {}, which may not be null",
                        field.name()
                    ));
                }
            });
        }
        RecordBatch::try_new(Arc::clone(schema), columns).map_err(|error| error.to_string())
    }
}

/// Whole numbers.
pub(crate) fn integers(values: Vec<i64>) -> ArrayRef {
    Arc::new(Int64Array::from(values))
}

/// Texts.
pub(crate) fn texts<'a>(values: impl IntoIterator<Item = Option<&'a str>>) -> ArrayRef {
    Arc::new(values.into_iter().collect::<StringArray>())
}

/// An allele record.
#[derive(Debug)]
pub(crate) struct Row {
    pub allele: Allele,
    /// How many records of this call set had the same allele before.
    pub occurrence: u32,
    filter: Option<String>,
    quality: Option<i128>,
    name: Option<String>,
}

/// Allele records of one contig that wait for their ids.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub rows: Vec<Row>,
    /// Effects by place of their allele.
    pub effects: Vec<(u32, Effect)>,
    /// Calls, column by column: place of the allele, ordinal, code, and what FORMAT had.
    at: Vec<u32>,
    ordinal: Vec<u32>,
    code: Vec<u8>,
    phased: Vec<Option<bool>>,
    phase_set: Vec<Option<i32>>,
    depth: Vec<Option<i32>>,
    quality: Vec<Option<i32>>,
    haplotype: Vec<Option<i32>>,
    /// Calls without a copy whose depth is told: place of the allele, ordinal, depth.
    reference: Vec<(u32, u32, i32)>,
}

impl Batch {
    pub(crate) fn alleles(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn calls(&self) -> usize {
        self.at.len() + self.reference.len()
    }

    /// Adds an allele record; calls are kept in the order of their ordinals.
    pub(crate) fn push(
        &mut self,
        allele: Allele,
        occurrence: u32,
        site: &Site<'_>,
        number: u16,
        calls: &[Call],
        ordinals: Option<&[u32]>,
    ) -> u32 {
        let at = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        let own = |text: Option<&str>| text.map(str::to_owned);
        self.rows.push(Row {
            allele,
            occurrence,
            filter: own(site.filter),
            quality: site.quality,
            name: own(site.name),
        });
        match ordinals {
            None => {
                for call in calls {
                    self.call(at, call.column, call, number);
                }
            }
            Some(ordinals) => {
                let ordinal = |call: &Call| ordinals.get(call.column as usize).copied().unwrap_or(u32::MAX);
                let mut sorted: Vec<(u32, &Call)> = calls.iter().map(|call| (ordinal(call), call)).collect();
                sorted.sort_unstable_by_key(|(ordinal, _)| *ordinal);
                for (ordinal, call) in sorted {
                    self.call(at, ordinal, call, number);
                }
            }
        }
        at
    }

    fn call(&mut self, at: u32, ordinal: u32, call: &Call, number: u16) {
        let code = call.code(number);
        if code != 0 {
            self.at.push(at);
            self.ordinal.push(ordinal);
            self.code.push(code);
            self.phased.push(call.phased);
            self.phase_set.push(call.phase_set);
            self.depth.push(call.depth);
            self.quality.push(call.quality);
            self.haplotype.push(call.haplotype(number));
        } else if let Some(depth) = call.depth {
            self.reference.push((at, ordinal, depth));
        }
    }

    /// Place, position, end, reference and alternate of each allele.
    pub(crate) fn keys(&self) -> Vec<ArrayRef> {
        let places = (0..i64::try_from(self.rows.len()).unwrap_or(i64::MAX)).collect();
        vec![
            integers(places),
            self.whole(|row| row.allele.position),
            self.whole(|row| row.allele.end),
            self.text(|row| Some(&row.allele.reference)),
            self.text(|row| Some(&row.allele.alternate)),
        ]
    }

    /// Rows of `variant` for the alleles that are new.
    pub(crate) fn variants(&self, ids: &[i64], new: &[bool], build: &str, contig: &str) -> Columns {
        let rows: Vec<(&Row, i64)> = self
            .rows
            .iter()
            .zip(ids)
            .zip(new)
            .filter(|(_, new)| **new)
            .map(|((row, id), _)| (row, *id))
            .collect();
        let whole =
            |get: &dyn Fn(&Row) -> u64| integers(rows.iter().map(|(row, _)| signed(get(row))).collect());
        let names: Vec<Option<&str>> = rows.iter().map(|(row, _)| rs(row.name.as_deref())).collect();
        let mut columns = Columns::new(rows.len());
        columns.put("variant_id", integers(rows.iter().map(|(_, id)| *id).collect()));
        columns.put("build", texts(rows.iter().map(|_| Some(build))));
        columns.put("contig", texts(rows.iter().map(|_| Some(contig))));
        columns.put("position", whole(&|row| row.allele.position));
        columns.put("end_position", whole(&|row| row.allele.end));
        columns.put("ref", texts(rows.iter().map(|(row, _)| Some(row.allele.reference.as_str()))));
        columns.put("alt", texts(rows.iter().map(|(row, _)| Some(row.allele.alternate.as_str()))));
        columns.put("kind", texts(rows.iter().map(|(row, _)| Some(row.allele.kind.name()))));
        columns.put("rs", texts(names));
        columns
    }

    /// Rows of `site`.
    pub(crate) fn sites(&self, ids: &[i64], call_set: i64) -> Columns {
        let quality: Decimal128Array = self.rows.iter().map(|row| row.quality).collect();
        let mut columns = Columns::new(self.rows.len());
        columns.put("call_set_id", integers(vec![call_set; self.rows.len()]));
        columns.put("variant_id", integers(ids.to_vec()));
        columns.put("filter", self.text(|row| row.filter.as_deref()));
        // 30 digits, 12 after the point: always valid for an array of 128 bits.
        if let Ok(quality) = quality.with_precision_and_scale(30, 12) {
            columns.put("quality", Arc::new(quality));
        }
        columns.put("name", self.text(|row| row.name.as_deref()));
        columns
    }

    /// Rows of `genotype`.
    pub(crate) fn genotypes(&self, ids: &[i64], call_set: i64) -> Columns {
        let optional = |values: &[Option<i32>]| -> ArrayRef {
            Arc::new(values.iter().map(|value| value.map(i64::from)).collect::<Int64Array>())
        };
        let mut columns = Columns::new(self.at.len());
        columns.put("call_set_id", integers(vec![call_set; self.at.len()]));
        columns.put("variant_id", integers(self.at.iter().map(|at| ids[*at as usize]).collect()));
        columns.put("ordinal", integers(self.ordinal.iter().map(|ordinal| i64::from(*ordinal)).collect()));
        columns.put("call", integers(self.code.iter().map(|code| i64::from(*code)).collect()));
        columns.put("phased", Arc::new(self.phased.iter().copied().collect::<BooleanArray>()));
        columns.put("phase_set", optional(&self.phase_set));
        columns.put("depth", optional(&self.depth));
        columns.put("quality", optional(&self.quality));
        columns.put("haplotype", optional(&self.haplotype));
        columns
    }

    /// Rows of `reference_call`.
    pub(crate) fn reference_calls(&self, ids: &[i64], call_set: i64) -> Columns {
        let mut columns = Columns::new(self.reference.len());
        let whole =
            |get: &dyn Fn(&(u32, u32, i32)) -> i64| integers(self.reference.iter().map(get).collect());
        columns.put("call_set_id", whole(&|_| call_set));
        columns.put("variant_id", whole(&|(at, ..)| ids[*at as usize]));
        columns.put("ordinal", whole(&|(_, ordinal, _)| i64::from(*ordinal)));
        columns.put("depth", whole(&|(.., depth)| i64::from(*depth)));
        columns
    }

    /// Rows of `effect`, but for alleles that have some. An effect is named after its allele and
    /// its place among the allele's effects, from 1.
    pub(crate) fn effects(&self, ids: &[i64], annotated: &BTreeSet<i64>) -> Columns {
        let id = |at: u32| ids[at as usize];
        let kept: Vec<&(u32, Effect)> =
            self.effects.iter().filter(|(at, _)| !annotated.contains(&id(*at))).collect();
        let mut counts: BTreeMap<u32, u32> = BTreeMap::new();
        let names: Vec<String> = kept
            .iter()
            .map(|(at, _)| {
                let count = counts.entry(*at).or_insert(0);
                *count += 1;
                format!("{}.{count}", id(*at))
            })
            .collect();
        let text = |get: &dyn Fn(&Effect) -> Option<&str>| {
            Arc::new(kept.iter().map(|(_, effect)| get(effect)).collect::<StringArray>()) as ArrayRef
        };
        let mut columns = Columns::new(kept.len());
        columns.put("effect_id", texts(names.iter().map(|name| Some(name.as_str()))));
        columns.put("variant_id", integers(kept.iter().map(|(at, _)| id(*at)).collect()));
        columns.put("gene", text(&|effect| effect.gene.as_deref()));
        columns.put("transcript", text(&|effect| effect.transcript.as_deref()));
        columns.put("consequence", text(&|effect| Some(&effect.consequence)));
        columns.put("impact", text(&|effect| effect.impact.as_deref()));
        columns.put("hgvs_c", text(&|effect| effect.hgvs_c.as_deref()));
        columns.put("hgvs_p", text(&|effect| effect.hgvs_p.as_deref()));
        columns.put("hgvs_g", text(&|effect| effect.hgvs_g.as_deref()));
        columns.put("mane", text(&|effect| effect.mane.as_deref()));
        columns.put(
            "reported",
            Arc::new(kept.iter().map(|(_, effect)| Some(effect.reported)).collect::<BooleanArray>()),
        );
        columns
    }

    fn whole(&self, get: impl Fn(&Row) -> u64) -> ArrayRef {
        integers(self.rows.iter().map(|row| signed(get(row))).collect())
    }

    fn text<'a>(&'a self, get: impl Fn(&'a Row) -> Option<&'a str>) -> ArrayRef {
        texts(self.rows.iter().map(get))
    }
}

fn signed(position: u64) -> i64 {
    i64::try_from(position).unwrap_or(i64::MAX)
}

/// The rs number of an ID column that names exactly one; of several it is not known which allele has
/// which.
fn rs(name: Option<&str>) -> Option<&str> {
    let is_rs = |part: &&str| {
        part.strip_prefix("rs")
            .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|c| c.is_ascii_digit()))
    };
    let mut found = name?.split(';').filter(is_rs);
    found.next().filter(|_| found.next().is_none())
}
