//! Released tables for reading: on a terminal and in Markdown, with what was withheld below.

use crate::cell;
use crate::picture::plain;
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use release::{Notes, Released, ReleasedValue};

/// A table for a terminal, numbers flush right, and its notes.
pub(crate) fn terminal(released: &Released) -> String {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(released.columns().iter().map(|column| one_line(&cell::heading(column))));
    for row in released.rows() {
        table.add_row(row.iter().map(|value| one_line(&cell::text(value))));
    }
    for (drawn, column) in table.column_iter_mut().zip(released.columns()) {
        if cell::is_number(column) {
            drawn.set_cell_alignment(CellAlignment::Right);
        }
    }
    let drawn: String = table.lines().map(|line| line.trim_end().to_owned() + "\n").collect();
    format!("{drawn}{}", notes(released))
}

/// A table in Markdown, and its notes.
pub(crate) fn markdown(released: &Released) -> String {
    let mut text = String::new();
    line(&mut text, released.columns().iter().map(|column| escaped(&cell::heading(column))));
    let rule = |column| if cell::is_number(column) { "---:" } else { "---" };
    line(&mut text, released.columns().iter().map(|column| rule(column).to_owned()));
    for row in released.rows() {
        line(&mut text, row.iter().map(markdown_text));
    }
    for note in sentences(released) {
        text.push_str(&["\n", &note, "\n"].concat());
    }
    text
}

fn line(text: &mut String, cells: impl Iterator<Item = String>) {
    for cell in cells {
        *text += "| ";
        *text += &cell;
        *text += " ";
    }
    *text += "|\n";
}

fn markdown_text(value: &ReleasedValue) -> String {
    let text = cell::text(value);
    if cell::is_text(value) { escaped(&text) } else { text }
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

fn one_line(text: &str) -> String {
    plain(text).replace('\n', " ")
}

/// The notes below a table, a line each.
fn notes(released: &Released) -> String {
    sentences(released).into_iter().map(|note| note + "\n").collect()
}

/// What a reader has to know about what is not there.
fn sentences(released: &Released) -> Vec<String> {
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
