//! Released tables for reading: on a terminal and in Markdown, with what was withheld below.

use crate::cell;
use crate::characteristics;
use crate::picture::plain;
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use release::{Layout, Notes, Released};

/// A table for a terminal, numbers flush right, and its notes.
pub(crate) fn terminal(released: &Released) -> String {
    let Texts { headings, rows, numbers } = texts(released);
    let mut table = Table::new();
    table.load_preset(presets::UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(headings.iter().map(|heading| one_line(heading)));
    for row in &rows {
        table.add_row(row.iter().map(|(text, _)| one_line(text)));
    }
    for (drawn, number) in table.column_iter_mut().zip(&numbers) {
        if *number {
            drawn.set_cell_alignment(CellAlignment::Right);
        }
    }
    let drawn: String = table.lines().map(|line| line.trim_end().to_owned() + "\n").collect();
    format!("{drawn}{}", notes(released))
}

/// A table in Markdown, and its notes.
pub(crate) fn markdown(released: &Released) -> String {
    let Texts { headings, rows, numbers } = texts(released);
    let mut text = String::new();
    line(&mut text, headings.iter().map(|heading| escaped(heading)));
    line(&mut text, numbers.iter().map(|number| if *number { "---:" } else { "---" }.to_owned()));
    for row in &rows {
        line(&mut text, row.iter().map(|(text, data)| if *data { escaped(text) } else { text.clone() }));
    }
    for note in sentences(released) {
        text.push_str(&["\n", &note, "\n"].concat());
    }
    text
}

/// What is read: headings, rows of texts with whether a text is of the data, and the flush-right columns.
struct Texts {
    headings: Vec<String>,
    rows: Vec<Vec<(String, bool)>>,
    numbers: Vec<bool>,
}

fn texts(released: &Released) -> Texts {
    if let Layout::Characteristics { keys } = released.layout() {
        let wide = characteristics::wide(released, keys);
        return Texts {
            numbers: (0..wide.headings.len()).map(characteristics::is_number).collect(),
            headings: wide.headings,
            rows: wide
                .rows
                .into_iter()
                .map(|row| {
                    let cells = row.into_iter().enumerate();
                    cells.map(|(place, text)| (text, !characteristics::is_number(place))).collect()
                })
                .collect(),
        };
    }
    Texts {
        headings: released.columns().iter().map(cell::heading).collect(),
        rows: released
            .rows()
            .iter()
            .map(|row| row.iter().map(|value| (cell::text(value), cell::is_text(value))).collect())
            .collect(),
        numbers: released.columns().iter().map(cell::is_number).collect(),
    }
}

fn line(text: &mut String, cells: impl Iterator<Item = String>) {
    for cell in cells {
        *text += "| ";
        *text += &cell;
        *text += " ";
    }
    *text += "|\n";
}

/// Text of the data: no markup of it counts.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in one_line(text).chars() {
        match c {
            '<' => safe += "&lt;",
            '&' => safe += "&amp;",
            '\\' | '|' | '`' | '*' | '_' | '[' | ']' => {
                safe.push('\\');
                safe.push(c);
            }
            c => safe.push(c),
        }
    }
    safe
}

pub(crate) fn one_line(text: &str) -> String {
    plain(text).replace('\n', " ")
}

/// The notes below a table, a line each.
fn notes(released: &Released) -> String {
    sentences(released).into_iter().map(|note| note + "\n").collect()
}

/// What a reader has to know about what is not there.
pub(crate) fn sentences(released: &Released) -> Vec<String> {
    let Notes {
        cells: _,
        withheld,
        secondary,
        min_subjects,
        round_to,
        allele_min_carriers,
        frequency_min_subjects,
    } = released.notes();
    let plural = |number: u64, word: &str| format!("{number} {word}{}", if number == 1 { "" } else { "s" });
    let rows = u64::try_from(released.rows().len()).unwrap_or(u64::MAX);
    let cells = match (withheld, secondary) {
        (0, 0) => String::new(),
        (_, 0) => format!("; {} withheld", plural(withheld, "cell")),
        (_, _) => {
            format!(
                "; {} withheld, {secondary} of them to protect the others",
                plural(withheld + secondary, "cell")
            )
        }
    };
    let first = plural(rows, "row") + &cells;
    let mut rules = Vec::new();
    // 1 withholds nothing.
    if min_subjects > 1 {
        rules.push(format!("counts below {min_subjects} people are withheld"));
    }
    if let Some(base) = round_to.filter(|base| *base > 1) {
        rules.push(format!("counts are rounded to the nearest {base}"));
    }
    if let Some(carriers) = allele_min_carriers.filter(|carriers| *carriers > 1) {
        rules.push(format!(
            "alleles with fewer than {carriers} carriers are listed only where they are named or public"
        ));
    }
    if let Some(people) = frequency_min_subjects.filter(|people| *people > 1) {
        rules.push(format!("groups below {people} people have no frequencies"));
    }
    let mut notes = vec![first];
    if !rules.is_empty() {
        notes.push(rules.join("; "));
    }
    notes
}
