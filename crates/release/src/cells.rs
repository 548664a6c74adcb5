//! What the released expressions of a shape read: their cells, once each, and the measures that
//! decide about them.
//!
//! A [`Measure`] is a raw number of distinct people under one rule. Whatever depends on the same
//! measure is withheld together, so a number cannot leave by one column and stay by another.

use crate::behind::Told;
use crate::error::Error;
use crate::rules::Level;
use plan::{Cell, Copies, Frequency, FrequencyField, Raw, ReleasedExpr, Shape};
use std::collections::{BTreeMap, BTreeSet};

/// The rule under which a number of people is small.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Rule {
    /// `min subjects`.
    Cell,
    /// `min subjects` on either side of a quantile: ten-thousandths of the values on the shorter side.
    Quantile(u16),
    /// `frequency min subjects`, of the eligible people of a record.
    Group,
    /// `allele min carriers`, of the carriers in a record.
    Carriers,
}

/// A number of distinct people and the rule for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Measure {
    pub(crate) people: Raw,
    pub(crate) rule: Rule,
}

/// All different cells that a shape reads, in the order of their first use.
pub(crate) fn of_shape(shape: &Shape) -> Vec<&Cell> {
    let mut cells = Vec::new();
    let shown = shape.shown.iter().map(|column| &column.value);
    let of_rows = shape.regroup.iter().flat_map(|regroup| &regroup.values).map(|column| &column.value);
    for expr in shown.chain(of_rows).chain(&shape.kept).chain(shape.order.iter().map(|(key, _)| key)) {
        collect(expr, &mut cells);
    }
    cells
}

fn collect<'a>(expr: &'a ReleasedExpr, cells: &mut Vec<&'a Cell>) {
    match expr {
        ReleasedExpr::Cell(cell) => {
            if !cells.contains(&cell) {
                cells.push(cell);
            }
        }
        ReleasedExpr::Literal(..)
        | ReleasedExpr::Shown(_)
        | ReleasedExpr::RegroupKey(_)
        | ReleasedExpr::Regrouped { .. } => {}
        ReleasedExpr::Grpmax { record: _, cell } => {
            if !cells.contains(&cell) {
                cells.push(cell);
            }
        }
        ReleasedExpr::Apply(_, operands) => operands.iter().for_each(|operand| collect(operand, cells)),
        ReleasedExpr::Previous { along: _, within: _, value } => collect(value, cells),
    }
}

/// The record of a frequency cell.
pub(crate) fn record(shape: &Shape, place: u32) -> Result<&Frequency, Error> {
    let found = usize::try_from(place).ok().and_then(|place| shape.frequencies.get(place));
    found.ok_or_else(|| {
        Error::malformed(format!("the shape names frequency record {place}, which is not there"))
    })
}

/// The copies of a record of one allele.
pub(crate) fn copies(record: &Frequency) -> Result<&Copies, Error> {
    let none = || Error::malformed("a group of alleles has no copies of one".to_owned());
    record.copies.as_ref().ok_or_else(none)
}

/// The measures of a frequency record: its group, and who carries the allele.
pub(crate) fn of_record(record: &Frequency) -> [Measure; 2] {
    [
        Measure { people: record.people, rule: Rule::Group },
        Measure { people: record.carriers, rule: Rule::Carriers },
    ]
}

/// The measures a cell depends on; all must be shown for the cell to be.
pub(crate) fn measures(shape: &Shape, cell: &Cell) -> Result<Vec<Measure>, Error> {
    let under = |rule| move |people: &Raw| Measure { people: *people, rule };
    Ok(match cell {
        Cell::Key(_) | Cell::Value(_) | Cell::Pseudonym(_) | Cell::Nested(_) => Vec::new(),
        Cell::People(people)
        | Cell::Count { people, .. }
        | Cell::Sum { people, .. }
        | Cell::Mean { people, .. } => {
            vec![under(Rule::Cell)(people)]
        }
        Cell::Quantile { people, share, .. } => vec![under(Rule::Quantile(share.side()))(people)],
        Cell::Share { yes_people, known_people, .. } | Cell::Wilson { yes_people, known_people, .. } => {
            vec![under(Rule::Cell)(known_people), under(Rule::Cell)(yes_people)]
        }
        Cell::Frequency { record: place, field } => {
            let record = record(shape, *place)?;
            let group = under(Rule::Group)(&record.people);
            if tells_of_carriers(*field) {
                vec![group, under(Rule::Carriers)(&record.carriers)]
            } else {
                vec![group]
            }
        }
    })
}

/// Whether a field is one of those that are withheld together (release rule 7).
pub(crate) fn tells_of_carriers(field: FrequencyField) -> bool {
    match field {
        FrequencyField::Ac
        | FrequencyField::Af
        | FrequencyField::Het
        | FrequencyField::Hom
        | FrequencyField::Hemi
        | FrequencyField::Carriers
        | FrequencyField::Faf95
        | FrequencyField::CarrierFrequency
        | FrequencyField::HardyWeinberg
        | FrequencyField::ExcessHet => true,
        FrequencyField::An | FrequencyField::Missing | FrequencyField::CallRate | FrequencyField::People => {
            false
        }
    }
}

/// What the cells of a shape tell of the people of each measure.
pub(crate) fn told(shape: &Shape, cells: &[&Cell]) -> Result<BTreeMap<Measure, BTreeSet<Told>>, Error> {
    let mut found: BTreeMap<Measure, BTreeSet<Told>> = BTreeMap::new();
    for cell in cells {
        let whole = match cell {
            Cell::Share { known_people, .. } | Cell::Wilson { known_people, .. } => Some(*known_people),
            _ => None,
        };
        for measure in measures(shape, cell)? {
            let told = match cell {
                Cell::Sum { .. } | Cell::Mean { .. } | Cell::Quantile { .. } => Told::Value,
                _ if whole == Some(measure.people) => Told::Whole,
                _ => Told::Number,
            };
            found.entry(measure).or_default().insert(told);
        }
    }
    Ok(found)
}

/// Raw columns that add up over disjoint rows.
pub(crate) fn additive(shape: &Shape, cell: &Cell) -> Result<Vec<Raw>, Error> {
    Ok(match cell {
        Cell::Key(_) | Cell::Value(_) | Cell::Pseudonym(_) | Cell::Nested(_) => Vec::new(),
        Cell::People(people) | Cell::Quantile { people, .. } => vec![*people],
        Cell::Count { value, people } | Cell::Sum { value, people } => vec![*value, *people],
        Cell::Mean { sum, number, people } => vec![*sum, *number, *people],
        Cell::Share { yes, known, yes_people, known_people }
        | Cell::Wilson { yes, known, yes_people, known_people } => {
            vec![*yes, *known, *yes_people, *known_people]
        }
        Cell::Frequency { record: place, .. } => {
            let record = record(shape, *place)?;
            let Frequency { name: _, people, carriers, copies, listed: _ } = record;
            let mut raws = vec![*people, *carriers];
            if let Some(copies) = copies {
                let Copies { ac, an, het, hom, hemi, missing, pairs, pair_het, pair_hom } = copies;
                raws.extend([ac, an, het, hom, hemi, missing, pairs, pair_het, pair_hom]);
            }
            raws
        }
    })
}

/// Refuses cells that need a higher level than the agreement has.
pub(crate) fn check_level(shape: &Shape, cells: &[&Cell], level: Level) -> Result<(), Error> {
    let mut needs =
        vec![("a result of people's rows", if shape.records { Level::Record } else { Level::Count })];
    needs.extend(cells.iter().map(|cell| match cell {
        Cell::Key(_) => ("a key", Level::Count),
        Cell::People(_) | Cell::Count { .. } => ("a count", Level::Count),
        Cell::Share { .. } | Cell::Wilson { .. } => ("a share", Level::Count),
        Cell::Frequency { .. } => ("a frequency", Level::Count),
        Cell::Sum { .. } => ("a sum", Level::Aggregate),
        Cell::Mean { .. } => ("a mean", Level::Aggregate),
        Cell::Quantile { .. } => ("a quantile", Level::Aggregate),
        Cell::Value(_) => ("a person's value", Level::Record),
        Cell::Pseudonym(_) => ("a pseudonym", Level::Record),
        Cell::Nested(_) => ("rows of a person's row", Level::Record),
    }));
    match needs.into_iter().find(|(_, needed)| *needed > level) {
        Some((what, needed)) => Err(Error::LevelExceeded { what, needed }),
        None => Ok(()),
    }
}
