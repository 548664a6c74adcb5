//! What an editor asks for beyond the first needs: hierarchies, what changed, what more there is to say, changes
//! that keep the meaning, and what a panel beside the text shows.

use crate::editor::{Editor, HEAD};
use crate::project::Project;
use serde_json::{Value, json};

/// A text after the edits that a change makes in a file, for columns that count bytes.
fn edited(text: &str, edits: &Value) -> String {
    let mut edits: Vec<(usize, usize, &str)> = edits
        .as_array()
        .unwrap()
        .iter()
        .map(|edit| {
            let offset = |place: &Value| {
                let line = usize::try_from(place["line"].as_u64().unwrap()).unwrap();
                let column = usize::try_from(place["character"].as_u64().unwrap()).unwrap();
                text.split_inclusive('\n').take(line).map(str::len).sum::<usize>() + column
            };
            (
                offset(&edit["range"]["start"]),
                offset(&edit["range"]["end"]),
                edit["newText"].as_str().unwrap(),
            )
        })
        .collect();
    edits.sort_unstable();
    let mut text = text.to_owned();
    for (start, end, new) in edits.into_iter().rev() {
        text.replace_range(start..end, new);
    }
    text
}

#[test]
fn a_completion_says_more_when_it_is_asked() {
    let project = Project::loaded();
    let lazily = json!({ "textDocument": { "completion": { "completionItem": { "resolveSupport": { "properties": ["documentation"] } } } } });
    let mut editor = Editor::start(&project, lazily);
    let marked = format!("{HEAD}cohort c = from subjects where has phenotype in HP:seiz¦");
    let found = editor.at("queries/a.bq", &marked, "textDocument/completion");
    let seizure = found["items"][0].clone();
    assert_eq!((&seizure["label"], seizure.get("documentation")), (&json!("HP:0001250"), None));
    let resolved = editor.ask("completionItem/resolve", seizure.clone()).unwrap();
    let words = resolved["documentation"]["value"].as_str().unwrap();
    assert!(words.contains("Seizure") && words.contains("HP:0000001"), "{words}");
    assert_eq!(resolved["textEdit"], seizure["textEdit"]);
    let found = editor.at(
        "queries/a.bq",
        &format!("{HEAD}cohort c = from subjects where se¦"),
        "textDocument/completion",
    );
    let sex = found["items"].as_array().unwrap().iter().find(|item| item["label"] == "sex").unwrap().clone();
    assert!(sex.get("documentation").is_none());
    let resolved = editor.ask("completionItem/resolve", sex).unwrap();
    assert!(resolved["documentation"]["value"].as_str().unwrap().contains("quasi"), "{resolved}");
    assert_eq!(editor.end(true), 0);
    // An editor that never asks is told at once.
    let mut editor = Editor::start(&project, json!({}));
    let found = editor.at("queries/a.bq", &marked, "textDocument/completion");
    // What it shows of Markdown it did not say, so it gets plain words.
    let said = &found["items"][0]["documentation"];
    assert!(said["value"].as_str().unwrap().contains("Seizure"));
    assert!(said["kind"] == "plaintext" && !said["value"].as_str().unwrap().contains('*'), "{said}");
    assert_eq!(editor.end(true), 0);
}

#[test]
fn only_the_tokens_that_changed_are_sent() {
    let project = Project::loaded();
    let mut editor = Editor::start(&project, json!({}));
    let document = json!({ "uri": editor.uri("queries/a.bq") });
    editor.open("queries/a.bq", &format!("{HEAD}cohort a = from subjects where sex = female\n"));
    let all = editor.ask("textDocument/semanticTokens/full", json!({ "textDocument": document })).unwrap();
    let numbers = |value: &Value| -> Vec<u64> {
        value.as_array().unwrap().iter().map(|number| number.as_u64().unwrap()).collect()
    };
    let mut kept = numbers(&all["data"]);
    let mut name = all["resultId"].clone();
    for text in ["cohort a = from subjects where sex = male and age >= 18 years\n", "", "-- nothing\n"] {
        let version = json!({ "uri": editor.uri("queries/a.bq"), "version": 2 });
        let changes = json!([{ "text": format!("{HEAD}{text}") }]);
        editor.tell("textDocument/didChange", json!({ "textDocument": version, "contentChanges": changes }));
        let asked = json!({ "textDocument": document, "previousResultId": name });
        let delta = editor.ask("textDocument/semanticTokens/full/delta", asked).unwrap();
        for edit in delta["edits"].as_array().expect("a delta") {
            let start = usize::try_from(edit["start"].as_u64().unwrap()).unwrap();
            let gone = usize::try_from(edit["deleteCount"].as_u64().unwrap()).unwrap();
            let come = edit.get("data").map(&numbers).unwrap_or_default();
            kept.splice(start..start + gone, come);
        }
        name = delta["resultId"].clone();
        let range = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 99, "character": 0 } });
        let asked = json!({ "textDocument": document, "range": range });
        let whole = editor.ask("textDocument/semanticTokens/range", asked).unwrap();
        assert_eq!(kept, numbers(&whole["data"]));
    }
    // A name that the server does not know any more gets everything.
    let asked = json!({ "textDocument": document, "previousResultId": "old" });
    let all = editor.ask("textDocument/semanticTokens/full/delta", asked).unwrap();
    assert_eq!(numbers(&all["data"]), kept);
    assert_eq!(editor.end(true), 0);
}

#[test]
fn lineage_across_files() {
    let project = Project::loaded();
    let library = format!(
        "{HEAD}define subject.adult = age >= 18 years\ncohort adults = from subjects where grown: adult\n"
    );
    let user = format!(
        "{HEAD}import \"library.bq\" (adults)\ntable t = from adults group by sex show people = count(subjects)\nattrition of adults\n"
    );
    project.write("queries/library.bq", &library);
    project.write("queries/user.bq", &user);
    let mut editor = Editor::start(&project, json!({}));
    let marked = user.replace("from adults", "from adul¦ts");
    let items = editor.at("queries/user.bq", &marked, "textDocument/prepareCallHierarchy");
    let adults = items[0].clone();
    assert_eq!(
        (&adults["name"], &adults["uri"]),
        (&json!("adults"), &json!(editor.uri("queries/library.bq")))
    );
    let names = |calls: &Value, side: &str| -> Vec<String> {
        calls.as_array().unwrap().iter().map(|call| call[side]["name"].as_str().unwrap().to_owned()).collect()
    };
    let incoming = editor.ask("callHierarchy/incomingCalls", json!({ "item": adults })).unwrap();
    assert_eq!(names(&incoming, "from"), ["t", "attrition of adults"]);
    let line = incoming[0]["fromRanges"][0]["start"]["line"].as_u64().unwrap();
    assert!(user.lines().nth(usize::try_from(line).unwrap()).unwrap().contains("from adults"));
    let outgoing = editor.ask("callHierarchy/outgoingCalls", json!({ "item": adults })).unwrap();
    assert_eq!(names(&outgoing, "to"), ["adult"]);
    let table = incoming[0]["from"].clone();
    let outgoing = editor.ask("callHierarchy/outgoingCalls", json!({ "item": table })).unwrap();
    assert_eq!(names(&outgoing, "to"), ["adults"]);
    assert_eq!(editor.end(true), 0);
}

#[test]
fn the_ontology_above_and_below_a_code() {
    let project = Project::loaded();
    let mut editor = Editor::start(&project, json!({}));
    assert_eq!(editor.can["typeHierarchyProvider"], json!(true));
    let marked = format!("{HEAD}cohort c = from subjects where has phenotype in HP:0001¦250");
    let items = editor.at("queries/a.bq", &marked, "textDocument/prepareTypeHierarchy");
    assert_eq!((&items[0]["name"], &items[0]["detail"]), (&json!("HP:0001250"), &json!("Seizure")));
    let above = editor.ask("typeHierarchy/supertypes", json!({ "item": items[0] })).unwrap();
    assert_eq!((&above[0]["name"], &above[0]["detail"]), (&json!("HP:0000001"), &json!("All")));
    let below = editor.ask("typeHierarchy/subtypes", json!({ "item": above[0] })).unwrap();
    assert_eq!((below.as_array().unwrap().len(), &below[0]["name"]), (1, &json!("HP:0001250")));
    let none = editor.ask("typeHierarchy/subtypes", json!({ "item": below[0] })).unwrap();
    assert_eq!(none, json!([]));
    assert_eq!(editor.end(true), 0);
}

#[test]
fn the_grain_stands_behind_a_name() {
    let project = Project::loaded();
    let mut editor = Editor::start(&project, json!({}));
    let text = format!(
        "{HEAD}cohort c = from subjects where age >= 18 years\ntable t = from c group by sex, decade = band(age, 10 years) show people = count(subjects)\n"
    );
    editor.open("queries/a.bq", &text);
    let range = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 99, "character": 0 } });
    let document = json!({ "uri": editor.uri("queries/a.bq") });
    let hints =
        editor.ask("textDocument/inlayHint", json!({ "textDocument": document, "range": range })).unwrap();
    let labels: Vec<&str> =
        hints.as_array().unwrap().iter().map(|hint| hint["label"].as_str().unwrap()).collect();
    assert_eq!(labels, [" → 1 row per subject", " → 1 row per (sex, decade)"]);
    assert_eq!(hints[1]["position"], json!({ "line": 4, "character": 7 }));
    assert_eq!(editor.end(true), 0);
}

#[test]
fn changes_that_keep_the_meaning() {
    let project = Project::loaded();
    let mut editor = Editor::start(&project, json!({ "general": { "positionEncodings": ["utf-8"] } }));
    let mut change = |marked: &str, kind: &str| -> Option<String> {
        let (before, _) = marked.split_once('¦').unwrap();
        let place = json!({ "line": before.matches('\n').count(), "character": before.rsplit('\n').next().unwrap().len() });
        let text = marked.replace('¦', "");
        editor.open("queries/a.bq", &text);
        let asked = json!({
            "textDocument": { "uri": editor.uri("queries/a.bq") }, "range": { "start": place, "end": place },
            "context": { "diagnostics": [], "only": [kind] },
        });
        let actions = editor.ask("textDocument/codeAction", asked).unwrap();
        let action = actions.as_array().unwrap().first()?;
        assert_eq!(action["kind"], kind, "{action}");
        Some(edited(&text, &action["edit"]["changes"][editor.uri("queries/a.bq")]))
    };
    let program = |rest: &str| format!("{HEAD}{rest}");
    let cohort = "--| Grown up.\ncohort c = from subjects where grown: ag¦e >= 18 years\n";
    assert_eq!(
        change(&program(cohort), "refactor.extract").unwrap(),
        program(
            "define subject.is_grown = age >= 18 years\n\n--| Grown up.\ncohort c = from subjects where grown: is_grown\n"
        )
    );
    let cohort = "cohort c = from subjects where has phenotype in HP:000¦1250\n";
    assert_eq!(
        change(&program(cohort), "refactor.extract").unwrap(),
        program("codes seizure = HP:0001250\n\ncohort c = from subjects where has phenotype in seizure\n")
    );
    let named = "codes seizure = HP:0001250\n\ncohort c = from subjects where has phenotype in seiz¦ure\n";
    assert_eq!(
        change(&program(named), "refactor.inline").unwrap(),
        program("codes seizure = HP:0001250\n\ncohort c = from subjects where has phenotype in HP:0001250\n")
    );
    let named = "define subject.grown = age >= 18 years\ncohort c = from subjects where not gro¦wn\n";
    assert_eq!(
        change(&program(named), "refactor.inline").unwrap(),
        program(
            "define subject.grown = age >= 18 years\ncohort c = from subjects where not (age >= 18 years)\n"
        )
    );
    // A rule that reads a name of its own item cannot stand outside.
    let bound = "cohort c = from subjects let old = age where grown: o¦ld >= 18 years\n";
    assert_eq!(change(&program(bound), "refactor.extract"), None);
    assert_eq!(editor.end(true), 0);
}

#[test]
fn what_a_panel_beside_the_text_shows() {
    let project = Project::loaded();
    let text = format!(
        "{HEAD}codes seizure = HP:0001250 \"Seizure\"\ncohort c = from subjects where grown: age >= 18 years\ntable t = from c group by sex show people = count(subjects)\n"
    );
    project.write("queries/a.bq", &text);
    let mut editor = Editor::start(&project, json!({}));
    editor.open("queries/a.bq", &text);
    let uri = editor.uri("queries/a.bq");
    let mut command = |name: &str, item: &str| {
        let asked = json!({ "command": name, "arguments": [uri, item] });
        editor.ask("workspace/executeCommand", asked)
    };
    let schema = command("baseq.schema", "").unwrap();
    let entities: Vec<&str> =
        schema["entities"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert!(entities.contains(&"subject") && entities.contains(&"phenotype"), "{entities:?}");
    assert_eq!(
        (&schema["code_sets"][0]["name"], &schema["systems"][0]["system"]),
        (&json!("seizure"), &json!("HP"))
    );
    // Words of the query lead to their SQL.
    let sql = command("baseq.sql", "t").unwrap();
    let lines: Vec<&str> = sql["text"].as_str().unwrap().lines().collect();
    let map = sql["map"].as_array().unwrap();
    let of_rule = map.iter().filter(|one| one["query"]["start"]["line"] == 4 && one["step"].is_null());
    let shown: Vec<&str> = of_rule
        .map(|one| lines[usize::try_from(one["sql"]["start"]["line"].as_u64().unwrap()).unwrap()])
        .collect();
    assert!(shown.iter().any(|line| line.contains("18")), "{shown:?}");
    // The agreement has no JSON, so a count is the table of the attrition.
    let count = command("baseq.count", "c").unwrap();
    assert!(count["text"].as_str().unwrap().contains("grown"), "{count}");
    let attrition = command("baseq.attrition", "c").unwrap();
    assert!(attrition["text"].as_str().unwrap().contains("permitted"), "{attrition}");
    assert!(command("baseq.run", "nobody").is_err());
    assert_eq!(editor.end(true), 0);
}
