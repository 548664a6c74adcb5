//! Released tables as JSON and as JSON lines.
//!
//! JSON is one object:
//!
//! ```json
//! { "columns": [ { "name": "n", "type": "int", "unit": null, "kind": "value" } ],
//!   "rows": [ { "sex": "female", "n": 120 }, { "sex": "not recorded", "n": { "withheld": true, "below": 10 } } ],
//!   "notes": { "cells": 4, "withheld": 1, "secondary": 0, "min_subjects": 10, "round_to": null,
//!              "allele_min_carriers": null, "frequency_min_subjects": null } }
//! ```
//!
//! JSON lines are the rows alone. Types are `bool`, `int`, `decimal`, `text`, `date`; kinds are `key`,
//! `value`, `interval`. Numbers have all their digits; dates are texts; an interval is `{ "low": 0.1,
//! "high": 0.2 }`; what is withheld is an object with `below` where the threshold is public for it.
//! A nested column has the type and kind `rows`, and `columns` of its own; its cells are lists of objects.
//! Keys may read `not recorded`, `other` and `total`, whatever their type.

use crate::cell;
use crate::error::Error;
use plan::{Type, Value};
use release::{Column, ColumnKind, Notes, Released, ReleasedValue};
use serde::ser::{Error as _, SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

pub(crate) fn json(released: &Released) -> Result<Vec<u8>, Error> {
    let mut text = serde_json::to_vec_pretty(&Whole(released)).map_err(Error::from_display)?;
    text.push(b'\n');
    Ok(text)
}

pub(crate) fn jsonl(released: &Released) -> Result<Vec<u8>, Error> {
    let mut text = Vec::new();
    for values in released.rows() {
        serde_json::to_writer(&mut text, &Row { columns: released.columns(), values })
            .map_err(Error::from_display)?;
        text.push(b'\n');
    }
    Ok(text)
}

/// The notes as one line of JSON.
pub(crate) fn notes_line(notes: Notes) -> Result<String, Error> {
    serde_json::to_string(&ShownNotes::from(notes)).map_err(Error::from_display)
}

/// The word for a type.
pub(crate) fn type_word(ty: Type) -> &'static str {
    match ty {
        Type::Bool => "bool",
        Type::Int => "int",
        Type::Decimal => "decimal",
        Type::Text => "text",
        Type::Date => "date",
        Type::Instant => "instant",
        Type::TextList => "list",
    }
}

struct Whole<'a>(&'a Released);

impl Serialize for Whole<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        let columns: Vec<ShownColumn<'_>> = self.0.columns().iter().map(ShownColumn::from).collect();
        map.serialize_entry("columns", &columns)?;
        map.serialize_entry("rows", &Rows(self.0))?;
        map.serialize_entry("notes", &ShownNotes::from(self.0.notes()))?;
        map.end()
    }
}

struct Rows<'a>(&'a Released);

impl Serialize for Rows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.0.rows().len()))?;
        for values in self.0.rows() {
            list.serialize_element(&Row { columns: self.0.columns(), values })?;
        }
        list.end()
    }
}

struct Row<'a> {
    columns: &'a [Column],
    values: &'a [ReleasedValue],
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // By hand, so that the columns keep their order.
        let mut map = serializer.serialize_map(Some(self.values.len()))?;
        for (column, value) in self.columns.iter().zip(self.values) {
            map.serialize_entry(&column.name, &Cell(value, &column.nested))?;
        }
        map.end()
    }
}

/// Nested rows as one line of JSON: a list of objects.
pub(crate) fn rows_line(value: &ReleasedValue, columns: &[Column]) -> Result<String, Error> {
    serde_json::to_string(&Cell(value, columns)).map_err(Error::from_display)
}

/// A value; of rows with their columns.
struct Cell<'a>(&'a ReleasedValue, &'a [Column]);

impl Serialize for Cell<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            ReleasedValue::Value(Value::Bool(known)) => serializer.serialize_bool(*known),
            ReleasedValue::Value(Value::Int(number)) => serializer.serialize_i64(*number),
            ReleasedValue::Value(Value::Decimal(units)) => {
                digits(*units).map_err(S::Error::custom)?.serialize(serializer)
            }
            ReleasedValue::Value(Value::Null) | ReleasedValue::Null => serializer.serialize_unit(),
            ReleasedValue::Value(Value::Text(_) | Value::Date(_) | Value::Instant(_))
            | ReleasedValue::NotRecorded
            | ReleasedValue::Other
            | ReleasedValue::Total => serializer.serialize_str(&cell::text(self.0)),
            ReleasedValue::Rows(rows) => {
                let mut list = serializer.serialize_seq(Some(rows.len()))?;
                for values in rows {
                    list.serialize_element(&Row { columns: self.1, values })?;
                }
                list.end()
            }
            ReleasedValue::Withheld(how) => {
                let mut map = serializer.serialize_map(None)?;
                map.serialize_entry("withheld", &true)?;
                if let Some(below) = how.below() {
                    map.serialize_entry("below", &below)?;
                }
                map.end()
            }
            ReleasedValue::Interval { low, high } => {
                let mut map = serializer.serialize_map(Some(2))?;
                map.serialize_entry("low", &digits(*low).map_err(S::Error::custom)?)?;
                map.serialize_entry("high", &digits(*high).map_err(S::Error::custom)?)?;
                map.end()
            }
        }
    }
}

/// A decimal as a JSON number with all its digits.
fn digits(units: i128) -> Result<Box<RawValue>, serde_json::Error> {
    RawValue::from_string(cell::decimal(units))
}

#[derive(Serialize)]
struct ShownColumn<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    ty: &'static str,
    unit: Option<&'a str>,
    kind: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    columns: Vec<ShownColumn<'a>>,
}

impl<'a> From<&'a Column> for ShownColumn<'a> {
    fn from(column: &'a Column) -> ShownColumn<'a> {
        let kind = match column.kind {
            ColumnKind::Key => "key",
            ColumnKind::Value => "value",
            ColumnKind::Interval => "interval",
            ColumnKind::Rows => "rows",
        };
        let ty = if column.kind == ColumnKind::Rows { "rows" } else { type_word(column.ty) };
        let nested = column.nested.iter().map(ShownColumn::from).collect();
        ShownColumn { name: &column.name, ty, unit: column.unit.as_deref(), kind, columns: nested }
    }
}

#[derive(Serialize)]
struct ShownNotes {
    cells: u64,
    withheld: u64,
    secondary: u64,
    min_subjects: u32,
    round_to: Option<u32>,
    allele_min_carriers: Option<u32>,
    frequency_min_subjects: Option<u32>,
}

impl From<Notes> for ShownNotes {
    fn from(notes: Notes) -> ShownNotes {
        let Notes {
            cells,
            withheld,
            secondary,
            min_subjects,
            round_to,
            allele_min_carriers,
            frequency_min_subjects,
        } = notes;
        ShownNotes {
            cells,
            withheld,
            secondary,
            min_subjects,
            round_to,
            allele_min_carriers,
            frequency_min_subjects,
        }
    }
}
