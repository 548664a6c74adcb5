//! The flow chart of an attrition: who is left in the middle, who is not at the side.
//!
//! Like the flow diagrams of STROBE and CONSORT. A box in the middle is a released set, a box at the side
//! what the step between two of them removes. What is withheld says so and has a dashed border.

use crate::cell;
use crate::svg::{self, LINE, TextBox, Words, arrow, wrapped};
use crate::table::{one_line, sentences};
use plan::Value;
use release::{Released, ReleasedValue};
use std::fmt::Write as _;

/// The width of a box in the middle, and where it begins.
const SET: (u32, u32) = (340, 20);
/// The width of a box at the side, and where it begins.
const SIDE: (u32, u32) = (300, 420);
/// The space above a side box and below it.
const GAP: u32 = 16;
/// Columns of text in a box.
const COLUMNS: usize = 40;

/// Draws an attrition.
pub(crate) fn svg(released: &Released) -> String {
    let mut body = String::new();
    let mut y = 20;
    let (width, left) = SET;
    let middle = left + width / 2;
    let mut cohort = "";
    let mut before = None;
    for (row, place) in released.rows().iter().zip(0..) {
        let [of, rule, into, out, unknown, gained, more @ ..] = row.as_slice() else { continue };
        // What is told beside people: of events, and of the cases of a match.
        let more: Vec<(&str, &ReleasedValue)> =
            released.columns().iter().skip(6).map(|column| column.name.as_str()).zip(more).collect();
        if place > 0 {
            let side = side_box(before.zip(number(into)), [out, unknown, gained], &more, y + GAP);
            let height = side.height();
            arrow(&mut body, (middle, y), (middle, y + height + 2 * GAP));
            let across = y + GAP + height / 2;
            arrow(&mut body, (middle, across), (SIDE.1, across));
            side.draw(&mut body);
            y += height + 2 * GAP;
        }
        let mut lines: Vec<Words> = wrapped(&one_line(&cell::text(rule)), COLUMNS)
            .into_iter()
            .map(|line| Words::new(line, "strong"))
            .collect();
        let of = text_of(of);
        if of != cohort {
            // Whose rule it is, where that changes.
            let named = wrapped(&one_line(of), COLUMNS).into_iter().map(|line| Words::new(line, "faint"));
            lines.splice(0..0, named);
            cohort = of;
        }
        before = number(into);
        lines.push(Words::new(format!("n = {}", cell::text(into)), ""));
        for (name, value) in &more {
            if *name == "events_in" && **value != ReleasedValue::Null {
                lines.push(Words::new(format!("events = {}", cell::text(value)), ""));
            }
        }
        let class = if is_withheld(into) { "hidden" } else { "set" };
        let set = TextBox { x: left, y, width, lines, class, centred: true };
        set.draw(&mut body);
        y += set.height();
    }
    y += 12;
    for note in sentences(released).iter().skip(1).flat_map(|note| wrapped(note, 100)) {
        y += LINE;
        // Writing to a string does not fail.
        let _ = writeln!(body, "<text class=\"note\" x=\"{left}\" y=\"{y}\">{}</text>", svg::escaped(&note));
    }
    let (wide, high) = (SIDE.0 + SIDE.1 + 20, y + 16);
    let page = format!("<rect class=\"page\" width=\"{wide}\" height=\"{high}\"/>\n");
    let title = released.rows().last().map_or("", |row| row.first().map_or("", text_of));
    svg::whole(wide, high, &format!("Attrition of {title}"), &(page + &body))
}

/// What a step removes: the difference of the sets beside it, where both are told, and its parts.
fn side_box(
    sets: Option<(i64, i64)>,
    parts: [&ReleasedValue; 3],
    more: &[(&str, &ReleasedValue)],
    y: u32,
) -> TextBox {
    let [out, unknown, gained] = parts;
    let mut lines = Vec::new();
    if let Some((before, after)) = sets {
        lines.push(Words::new(format!("excluded: {}", before.saturating_sub(after)), "strong"));
    }
    lines.push(Words::new(format!("not met: {}", cell::text(out)), ""));
    lines.push(Words::new(format!("unknown: {}", cell::text(unknown)), ""));
    if *gained != ReleasedValue::Null {
        lines.push(Words::new(format!("kept out by this alone: {}", cell::text(gained)), "faint"));
    }
    for (name, value) in more {
        let words = match *name {
            "events_out" => "events not met",
            "events_unknown" => "events unknown",
            "events_gained_if_dropped" => "events kept out by this alone",
            "cases_complete" => "cases with all controls",
            "cases_with_fewer" => "cases with fewer",
            "cases_unknown" => "cases with an unknown key",
            _ => continue,
        };
        if **value != ReleasedValue::Null {
            lines.push(Words::new(format!("{words}: {}", cell::text(value)), "faint"));
        }
    }
    let told = parts.into_iter().chain(more.iter().map(|(_, value)| *value));
    let class = if told.into_iter().any(is_withheld) { "hidden" } else { "side" };
    TextBox { x: SIDE.1, y, width: SIDE.0, lines, class, centred: false }
}

fn number(value: &ReleasedValue) -> Option<i64> {
    match value {
        ReleasedValue::Value(Value::Int(number)) => Some(*number),
        _ => None,
    }
}

fn is_withheld(value: &ReleasedValue) -> bool {
    matches!(value, ReleasedValue::Withheld(_))
}

fn text_of(value: &ReleasedValue) -> &str {
    match value {
        ReleasedValue::Value(Value::Text(text)) => text,
        _ => "",
    }
}
