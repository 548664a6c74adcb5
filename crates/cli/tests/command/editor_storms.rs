//! Editors that are hasty, silent or rude: the server keeps the text right, answers, and ends as it should.

use crate::editor::{Editor, HEAD};
use crate::project::Project;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A thousand edits at places of chance, in three encodings, between questions; the text is that of a reference
/// which knows no server. The seed is fixed, so that a failure comes again.
#[test]
fn a_thousand_edits_and_the_text_is_right() {
    let project = Project::loaded();
    let pieces = [
        "a",
        "é",
        "𝄞",
        "\n",
        "cohort c = from subjects\n",
        "-- x\n",
        "\"",
        "",
        "let y = 1",
        "\r\n",
        "(",
        " ",
    ];
    for (encoding, width) in [
        ("utf-8", (|c: char| c.len_utf8()) as fn(char) -> usize),
        ("utf-16", |c: char| c.len_utf16()),
        ("utf-32", |_| 1),
    ] {
        let mut editor = Editor::start(&project, json!({ "general": { "positionEncodings": [encoding] } }));
        assert_eq!(editor.can["positionEncoding"], encoding);
        let mut chance = fastrand::Rng::with_seed(6);
        let mut text: Vec<char> = HEAD.chars().collect();
        editor.open("queries/a.bq", HEAD);
        let place = |text: &[char], at: usize| {
            let before = &text[..at];
            // A line ends with `\n`, `\r\n` or `\r`.
            let ends: Vec<usize> = (0..at)
                .filter(|n| before[*n] == '\n' || (before[*n] == '\r' && text.get(n + 1) != Some(&'\n')))
                .collect();
            let start = ends.last().map_or(0, |end| end + 1);
            let column: usize = before[start..].iter().map(|c| width(*c)).sum();
            json!({ "line": ends.len(), "character": column })
        };
        for version in 2..1002 {
            // Not between `\r` and `\n`, where there is no place.
            let free: Vec<usize> = (0..=text.len())
                .filter(|at| *at == 0 || text[at - 1] != '\r' || text.get(*at) != Some(&'\n'))
                .collect();
            let start = free[chance.usize(..free.len())];
            let near: Vec<usize> = free.into_iter().filter(|at| (start..=start + 5).contains(at)).collect();
            let end = near[chance.usize(..near.len())];
            let piece = pieces[chance.usize(..pieces.len())];
            let range = json!({ "start": place(&text, start), "end": place(&text, end) });
            let document = json!({ "uri": editor.uri("queries/a.bq"), "version": version });
            let changes = json!([{ "range": range, "text": piece }]);
            editor.tell(
                "textDocument/didChange",
                json!({ "textDocument": document, "contentChanges": changes }),
            );
            text.splice(start..end, piece.chars());
            if version % 7 == 0 {
                let document = json!({ "textDocument": { "uri": editor.uri("queries/a.bq") } });
                editor.begin("textDocument/documentSymbol", document);
            }
        }
        // What the server holds is seen through what it would write: the formatted text, put back together.
        let held: String = text.iter().collect();
        let document = json!({ "uri": editor.uri("queries/a.bq") });
        let asked = json!({ "textDocument": document, "options": { "tabSize": 2, "insertSpaces": true } });
        let edits = editor.ask("textDocument/formatting", asked).unwrap();
        let expected = format::format(&held);
        let mut came: Vec<char> = text.clone();
        for edit in edits.as_array().unwrap() {
            let find = |wanted: &Value| (0..=text.len()).find(|at| place(&text, *at) == *wanted).unwrap();
            let (start, end) = (find(&edit["range"]["start"]), find(&edit["range"]["end"]));
            came.splice(start..end, edit["newText"].as_str().unwrap().chars());
        }
        assert_eq!(came.into_iter().collect::<String>(), expected, "{encoding}");
        assert_eq!(editor.end(true), 0);
    }
}

#[test]
fn a_storm_of_questions_that_are_taken_back() {
    let project = Project::loaded();
    let mut editor = Editor::start(&project, json!({}));
    editor.open("queries/a.bq", &format!("{HEAD}cohort c = from subjects where sex = female\n"));
    let document = json!({ "textDocument": { "uri": editor.uri("queries/a.bq") }, "position": { "line": 3, "character": 20 } });
    let mut open = BTreeSet::new();
    for round in 0..500 {
        let method =
            ["textDocument/hover", "textDocument/completion", "textDocument/documentSymbol"][round % 3];
        let id = editor.begin(method, document.clone());
        if round % 5 == 4 {
            open.insert(id);
        } else {
            editor.tell("$/cancelRequest", json!({ "id": id }));
        }
        // What nobody asked is taken back too.
        editor.tell("$/cancelRequest", json!({ "id": 1_000_000 + round }));
    }
    for id in open {
        assert!(editor.answer(id).is_ok());
    }
    assert_eq!(editor.end(true), 0);
}

#[test]
fn foreign_words_are_answered_or_left() {
    let project = Project::loaded();
    let mut editor = Editor::start(&project, json!({}));
    editor.tell("$/setTrace", json!({ "value": "verbose" }));
    editor.tell("$/unheardOf", json!({}));
    editor.tell("foreign/notification", json!({ "a": 1 }));
    assert!(editor.ask("foreign/request", json!({})).is_err());
    assert!(editor.ask("textDocument/hover", json!({ "wrong": true })).is_err());
    // A file that is no file, one that is not there, one that is not open.
    for uri in ["untitled:Untitled-1", "file:///nowhere/at/all.bq", "https://example.org/a.bq"] {
        let asked = json!({ "textDocument": { "uri": uri }, "position": { "line": 0, "character": 0 } });
        let _ = editor.ask("textDocument/hover", asked);
    }
    let changes = json!([{ "text": "x" }]);
    let version = json!({ "uri": editor.uri("queries/never_opened.bq"), "version": 1 });
    editor.tell("textDocument/didChange", json!({ "textDocument": version, "contentChanges": changes }));
    editor.open("queries/a.bq", HEAD);
    let document = json!({ "textDocument": { "uri": editor.uri("queries/a.bq") } });
    assert_eq!(editor.ask("textDocument/documentSymbol", document).unwrap(), json!([]));
    assert_eq!(editor.end(true), 0);
}

#[test]
fn the_end_of_the_messages_ends_the_server() {
    let project = Project::loaded();
    // The editor goes away without a word: neither `shutdown` nor `exit`.
    let editor = Editor::start(&project, json!({}));
    assert_eq!(editor.leave(), 1);
    // It crashed after `shutdown`: that was said, so all is well.
    let mut editor = Editor::start(&project, json!({}));
    editor.ask("shutdown", Value::Null).unwrap();
    assert_eq!(editor.leave(), 0);
    let editor = Editor::start(&project, json!({}));
    assert_eq!(editor.end(false), 1);
}
