//! The language server as an editor drives it: the binary itself over its standard input and output.

use crate::project::Project;
use serde_json::{Value, json};
use std::io::{BufReader, Write as _};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// An editor that has a project open.
pub(crate) struct Editor<'a> {
    project: &'a Project,
    child: Child,
    input: ChildStdin,
    messages: Receiver<Value>,
    asked: i64,
    /// What came that answers no question.
    unasked: Vec<Value>,
    /// What the server says that it can do.
    pub(crate) can: Value,
}

impl<'a> Editor<'a> {
    /// Starts the server; `capabilities` is what the editor can do.
    pub(crate) fn start(project: &'a Project, capabilities: Value) -> Editor<'a> {
        let mut child = project
            .command(&["lsp"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (input, mut output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let (send, messages) = channel();
        std::thread::spawn(move || {
            while let Some(message) = read(&mut output) {
                if send.send(message).is_err() {
                    break;
                }
            }
        });
        let (unasked, can) = (Vec::new(), Value::Null);
        let mut editor = Editor { project, child, input, messages, asked: 0, unasked, can };
        let root = editor.uri("");
        let folders = json!([{ "uri": root, "name": "study" }]);
        let params = json!({ "processId": null, "rootUri": null, "capabilities": capabilities, "workspaceFolders": folders });
        editor.can = editor.ask("initialize", params).unwrap()["capabilities"].clone();
        editor.tell("initialized", json!({}));
        editor
    }

    pub(crate) fn uri(&self, name: &str) -> String {
        let root = std::fs::canonicalize(self.project.root()).unwrap();
        format!("file://{}", root.join(name).display())
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        self.input.flush().unwrap();
    }

    pub(crate) fn tell(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    pub(crate) fn begin(&mut self, method: &str, params: Value) -> i64 {
        self.asked += 1;
        self.send(&json!({ "jsonrpc": "2.0", "id": self.asked, "method": method, "params": params }));
        self.asked
    }

    /// The result of a question, or the message of its error. Requests of the server stay unanswered, as
    /// some editors leave them.
    pub(crate) fn ask(&mut self, method: &str, params: Value) -> Result<Value, String> {
        let id = self.begin(method, params);
        self.answer(id)
    }

    pub(crate) fn answer(&mut self, id: i64) -> Result<Value, String> {
        let answers = |message: &Value| message["id"] == id && message.get("method").is_none();
        // It may have come while another was waited for.
        let early = self.unasked.iter().position(answers).map(|at| self.unasked.swap_remove(at));
        let message = early.unwrap_or_else(|| {
            loop {
                let message =
                    self.messages.recv_timeout(Duration::from_mins(1)).expect("an answer in a minute");
                if answers(&message) {
                    break message;
                }
                self.unasked.push(message);
            }
        });
        match message.get("error") {
            Some(error) => Err(error["message"].as_str().unwrap().to_owned()),
            None => Ok(message["result"].clone()),
        }
    }

    pub(crate) fn open(&mut self, name: &str, text: &str) {
        let document = json!({ "uri": self.uri(name), "languageId": "bq", "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
    }

    /// A question about the place of `¦` in a text of one file; the mark is taken out and the text opened.
    pub(crate) fn at(&mut self, name: &str, marked: &str, method: &str) -> Value {
        self.at_with(name, marked, method, json!({})).unwrap()
    }

    pub(crate) fn at_with(
        &mut self,
        name: &str,
        marked: &str,
        method: &str,
        more: Value,
    ) -> Result<Value, String> {
        let at = marked.find('¦').expect("a mark");
        let (line, column) = (
            marked[..at].matches('\n').count(),
            marked[..at].lines().last().map_or(0, |line| line.encode_utf16().count()),
        );
        let column = if marked[..at].ends_with('\n') { 0 } else { column };
        let text = marked.replace('¦', "");
        let document = json!({ "uri": self.uri(name), "version": 2 });
        self.open(name, "");
        self.tell(
            "textDocument/didChange",
            json!({ "textDocument": document, "contentChanges": [{ "text": text }] }),
        );
        let mut params = json!({ "textDocument": { "uri": self.uri(name) }, "position": { "line": line, "character": column } });
        for (key, value) in more.as_object().unwrap() {
            params[key] = value.clone();
        }
        self.ask(method, params)
    }

    fn labels(&mut self, name: &str, marked: &str) -> Vec<String> {
        let found = self.at(name, marked, "textDocument/completion");
        let items = found["items"].as_array().unwrap();
        items.iter().map(|item| item["label"].as_str().unwrap().to_owned()).collect()
    }

    /// Says goodbye and gives the exit code.
    pub(crate) fn end(mut self, shutdown: bool) -> i32 {
        if shutdown {
            self.ask("shutdown", Value::Null).unwrap();
        }
        self.tell("exit", Value::Null);
        // Standard input stays open, as some editors leave it.
        ended(&mut self.child)
    }

    /// Goes away without a word and gives the exit code.
    pub(crate) fn leave(self) -> i32 {
        let Editor { mut child, input, .. } = self;
        drop(input);
        ended(&mut child)
    }
}

fn ended(child: &mut Child) -> i32 {
    for _ in 0..600 {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code().unwrap();
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    child.kill().unwrap();
    let ended = child.try_wait().unwrap();
    ended.expect("the server ends by itself").code().unwrap()
}

fn read(output: &mut impl std::io::BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim();
        if line.is_empty() {
            break;
        }
        if let Some(number) = line.strip_prefix("Content-Length: ") {
            length = number.parse().ok()?;
        }
    }
    let mut bytes = vec![0; length];
    output.read_exact(&mut bytes).ok()?;
    serde_json::from_slice(&bytes).ok()
}

pub(crate) const HEAD: &str = "use agreement \"EXAMPLE\"\nas of 2026-01-01\n\n";

#[test]
fn what_is_wrong_is_shown_and_repaired() {
    let project = Project::loaded();
    let pulls = json!({ "textDocument": { "diagnostic": {} } });
    let mut editor = Editor::start(&project, pulls);
    let text =
        format!("{HEAD}table by_sex =\n  from subjects\n  group by sxe\n  show people = count(subjects)\n");
    editor.open("queries/new.bq", &text);
    let document = json!({ "uri": editor.uri("queries/new.bq") });
    let report = editor.ask("textDocument/diagnostic", json!({ "textDocument": document })).unwrap();
    let wrong = &report["items"][0];
    assert_eq!(
        (&wrong["code"], &wrong["range"]["start"]),
        (&json!("E0101"), &json!({ "line": 5, "character": 11 }))
    );
    let context = json!({ "diagnostics": [wrong] });
    let actions = editor
        .ask(
            "textDocument/codeAction",
            json!({ "textDocument": document, "range": wrong["range"], "context": context }),
        )
        .unwrap();
    let edits = &actions[0]["edit"]["changes"][editor.uri("queries/new.bq")];
    assert_eq!(edits[0]["newText"], "sex", "{actions}");
    // The repair, as an incremental change.
    let change = json!([{ "range": edits[0]["range"], "text": edits[0]["newText"] }]);
    let version = json!({ "uri": editor.uri("queries/new.bq"), "version": 2 });
    editor.tell("textDocument/didChange", json!({ "textDocument": version, "contentChanges": change }));
    let report = editor.ask("textDocument/diagnostic", json!({ "textDocument": document })).unwrap();
    assert_eq!(report["items"], json!([]));
    assert!(editor.unasked.iter().all(|message| message["method"] != "textDocument/publishDiagnostics"));
    assert_eq!(editor.end(true), 0);
}

#[test]
fn an_editor_that_does_not_ask_is_told() {
    let project = Project::loaded();
    let mut editor = Editor::start(&project, json!({}));
    editor.open("policy/example.bq", "agreement \"EXAMPLE\" version 1 {\n  level everything\n}\n");
    let told = loop {
        let message = editor.messages.recv_timeout(Duration::from_mins(1)).unwrap();
        if message["method"] == "textDocument/publishDiagnostics" {
            break message;
        }
    };
    assert_eq!(told["params"]["version"], 1);
    assert!(!told["params"]["diagnostics"].as_array().unwrap().is_empty(), "{told}");
    // It never said `shutdown`.
    assert_eq!(editor.end(false), 1);
}

#[test]
fn completion_knows_scope_row_and_agreement() {
    let project = Project::loaded();
    let mut editor = Editor::start(&project, json!({}));
    let adults = format!("{HEAD}cohort adults = from subjects where old: age >= 18 years\n");
    let labels = editor.labels("queries/a.bq", &format!("{adults}table t = from ¦"));
    assert_eq!(labels[0], "adults");
    assert!(labels.contains(&"subjects".to_owned()) && !labels.contains(&"sex".to_owned()), "{labels:?}");
    let labels = editor.labels("queries/a.bq", &format!("{adults}table t = from adults where ¦"));
    for name in ["sex", "age", "phenotypes", "adults", "count"] {
        assert!(labels.contains(&name.to_owned()), "{name} is not in {labels:?}");
    }
    // The agreement grants `sex` and not `site`: that stands after all others and says why.
    let found = editor.at(
        "queries/a.bq",
        &format!("{adults}table t = from adults where si¦"),
        "textDocument/completion",
    );
    let items = found["items"].as_array().unwrap();
    let site = items.iter().find(|item| item["label"] == "site").expect("site is offered");
    assert!(site["detail"].as_str().unwrap().contains("does not grant it"), "{site}");
    assert_eq!(site["tags"], json!([1]));
    let first_refused = items.iter().position(|item| item["tags"] == json!([1])).unwrap();
    assert!(items[first_refused..].iter().all(|item| item["tags"] == json!([1])));
    // Members of an enum where one is compared, and only columns of the row behind a dot.
    let labels = editor.labels("queries/a.bq", &format!("{adults}table t = from adults where sex = ¦"));
    assert_eq!(labels[..3], ["female", "male", "unknown"], "{labels:?}");
    let labels = editor.labels("queries/a.bq", &format!("{adults}table t = from samples where subject.¦"));
    assert!(labels.contains(&"birth_year".to_owned()) && !labels.contains(&"count".to_owned()), "{labels:?}");
    // Codes by their label; they are written with it.
    let found = editor.at(
        "queries/a.bq",
        &format!("{adults}table t = from adults where has phenotype in HP:seiz¦"),
        "textDocument/completion",
    );
    assert_eq!(found["items"][0]["textEdit"]["newText"], "HP:0001250 \"Seizure\"", "{found}");
    // Not in a comment.
    assert!(editor.labels("queries/a.bq", &format!("{adults}-- from ¦")).is_empty());
    assert_eq!(editor.end(true), 0);
}

#[test]
fn hover_says_what_it_is_and_why_it_may_be_read() {
    let project = Project::loaded();
    let mut editor = Editor::start(&project, json!({}));
    let mut hover = |marked: &str| {
        let found = editor.at("queries/a.bq", &format!("{HEAD}{marked}"), "textDocument/hover");
        found["contents"]["value"].as_str().unwrap_or_default().to_owned()
    };
    let sex = hover("table t = from subjects group by s¦ex show people = count(subjects)");
    assert!(sex.contains("subject.sex : female | male | unknown") && sex.contains("quasi"), "{sex}");
    assert!(sex.contains("policy/example.bq:"), "the line of the policy is not named in {sex}");
    let code = hover("cohort c = from subjects where has phenotype in HP:00012¦50");
    assert!(code.contains("Seizure") && code.contains("HP:0000001"), "{code}");
    let cohort = hover(
        "--| Grown up.\ncohort adults = from subjects where age >= 18 years\ntable t = from adul¦ts group by sex show people = count(adults)",
    );
    assert!(cohort.contains("cohort adults") && cohort.contains("Grown up."), "{cohort}");
    assert!(hover("cohort adults = fr¦om subjects").contains("what the rows are taken from"));
    assert_eq!(editor.end(true), 0);
}

#[test]
fn names_across_files() {
    let project = Project::loaded();
    let library = "--| Grown up.\ndefine subject.adult = age >= 18 years\ncohort adults = from subjects where grown: adult\n";
    let library = format!("{HEAD}{library}");
    let user = format!(
        "{HEAD}import \"library.bq\" (adults)\ntable t =\n  from adults\n  group by sex\n  show people = count(subjects)\nattrition of adults\n"
    );
    project.write("queries/library.bq", &library);
    project.write("queries/user.bq", &user);
    let mut editor = Editor::start(&project, json!({}));
    let marked = user.replace("from adults", "from adul¦ts");
    let place = editor.at("queries/user.bq", &marked, "textDocument/definition");
    assert_eq!(place["uri"], editor.uri("queries/library.bq"));
    assert_eq!(place["range"]["start"], json!({ "line": 5, "character": 7 }));
    let uses = editor
        .at_with(
            "queries/user.bq",
            &marked,
            "textDocument/references",
            json!({ "context": { "includeDeclaration": true } }),
        )
        .unwrap();
    assert_eq!(uses.as_array().unwrap().len(), 4, "{uses}");
    let edit = editor
        .at_with("queries/user.bq", &marked, "textDocument/rename", json!({ "newName": "grown_ups" }))
        .unwrap();
    let of = |name: &str| edit["changes"][editor.uri(name)].as_array().map_or(0, Vec::len);
    assert_eq!((of("queries/library.bq"), of("queries/user.bq")), (1, 3), "{edit}");
    let taken = editor.at_with("queries/user.bq", &marked, "textDocument/rename", json!({ "newName": "t" }));
    assert!(taken.unwrap_err().contains("already used"));
    let word =
        editor.at_with("queries/user.bq", &marked, "textDocument/rename", json!({ "newName": "where" }));
    assert!(word.unwrap_err().contains("cannot be a name"));
    let column = user.replace("group by sex", "group by s¦ex");
    let column =
        editor.at_with("queries/user.bq", &column, "textDocument/rename", json!({ "newName": "gender" }));
    assert!(column.unwrap_err().contains("belongs to the model"));
    let symbols = editor.ask("workspace/symbol", json!({ "query": "adult" })).unwrap();
    assert_eq!(
        symbols.as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect::<Vec<_>>(),
        ["subject.adult", "adults", "attrition of adults"]
    );
    assert_eq!(editor.end(true), 0);
}

#[test]
fn a_lens_runs_through_release_and_audit() {
    let project = Project::loaded();
    let text = format!("{HEAD}table by_sex = from subjects group by sex show people = count(subjects)\n");
    project.write("queries/by_sex.bq", &text);
    let mut editor = Editor::start(&project, json!({}));
    editor.open("queries/by_sex.bq", &text);
    let document = json!({ "textDocument": { "uri": editor.uri("queries/by_sex.bq") } });
    let lenses = editor.ask("textDocument/codeLens", document).unwrap();
    let titles: Vec<&str> =
        lenses.as_array().unwrap().iter().map(|lens| lens["command"]["title"].as_str().unwrap()).collect();
    assert_eq!(titles, ["policy", "run", "SQL"]);
    let before = project.baseq(&["audit", "verify", "--format", "json"]).stdout;
    let command = |at: usize| json!({ "command": lenses[at]["command"]["command"], "arguments": lenses[at]["command"]["arguments"] });
    // The agreement has csv and no JSON: an editor can show no more than it allows.
    let mut as_json = command(1);
    as_json["arguments"].as_array_mut().unwrap().push(json!("json"));
    let refused = editor.ask("workspace/executeCommand", as_json);
    assert!(refused.unwrap_err().contains("does not allow results as json"));
    let sql = editor.ask("workspace/executeCommand", command(2)).unwrap();
    assert!(sql["text"].as_str().unwrap().to_lowercase().contains("select"), "{sql}");
    let policy = editor.ask("workspace/executeCommand", command(0)).unwrap();
    assert!(policy["text"].as_str().unwrap().contains("may show"), "{policy}");
    assert_eq!(
        project.baseq(&["audit", "verify", "--format", "json"]).stdout,
        before,
        "nothing was given out"
    );
    // What a terminal shows, it shows too; and it stands in the log.
    let ran = editor.ask("workspace/executeCommand", command(1)).unwrap();
    assert_eq!((&ran["format"], &ran["name"]), (&json!("table"), &json!("by_sex")));
    assert!(ran["text"].as_str().unwrap().contains("people"), "{ran}");
    assert!(ran["text"].as_str().unwrap().contains("counts below 10 people are withheld"), "{ran}");
    assert_ne!(project.baseq(&["audit", "verify", "--format", "json"]).stdout, before, "it was given out");
    // What runs is what is saved.
    let version = json!({ "uri": editor.uri("queries/by_sex.bq"), "version": 2 });
    editor.tell(
        "textDocument/didChange",
        json!({ "textDocument": version, "contentChanges": [{ "text": format!("{text}\n") }] }),
    );
    assert!(editor.ask("workspace/executeCommand", command(1)).unwrap_err().contains("not saved"));
    assert_eq!(editor.end(true), 0);
}

#[test]
fn a_flood_of_changes_and_an_editor_that_never_answers() {
    let project = Project::loaded();
    let dynamic = json!({ "workspace": { "didChangeWatchedFiles": { "dynamicRegistration": true } } });
    let mut editor = Editor::start(&project, dynamic);
    editor.open("queries/a.bq", "");
    // Each change puts a line before all others, and every tenth is followed by a question and its end.
    for change in 0..400_i64 {
        let version = json!({ "uri": editor.uri("queries/a.bq"), "version": change + 2 });
        let here = json!({ "line": 0, "character": 0 });
        let line = format!("cohort c{change} = from subjects where sex = female\n");
        let changes = json!([{ "range": { "start": here, "end": here }, "text": line }]);
        editor.tell("textDocument/didChange", json!({ "textDocument": version, "contentChanges": changes }));
        if change % 10 == 0 {
            let document = json!({ "textDocument": { "uri": editor.uri("queries/a.bq") } });
            let id = editor.begin("textDocument/semanticTokens/full", document);
            editor.tell("$/cancelRequest", json!({ "id": id }));
        }
    }
    let document = json!({ "textDocument": { "uri": editor.uri("queries/a.bq") } });
    let symbols = editor.ask("textDocument/documentSymbol", document).unwrap();
    let names: Vec<String> =
        symbols.as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect();
    let expected: Vec<String> = (0..400).rev().map(|change| format!("c{change}")).collect();
    assert_eq!(names, expected);
    assert_eq!(editor.end(true), 0);
}

#[test]
fn the_shape_of_a_text() {
    let project = Project::loaded();
    let mut editor = Editor::start(&project, json!({ "general": { "positionEncodings": ["utf-8"] } }));
    let text =
        format!("{HEAD}-- é 𝄞\ncohort  c = from subjects\n  let old = age\n  where rule: old >= 18 years\n");
    editor.open("queries/a.bq", &text);
    let document = json!({ "textDocument": { "uri": editor.uri("queries/a.bq") } });
    let with = |key: &str, value: Value| {
        let mut params = document.clone();
        params[key] = value;
        params
    };
    let symbols = editor.ask("textDocument/documentSymbol", document.clone()).unwrap();
    assert_eq!(symbols[0]["name"], "c");
    let children: Vec<&str> =
        symbols[0]["children"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(children, ["old", "rule"]);
    let whole = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 99, "character": 0 } });
    let hints = editor.ask("textDocument/inlayHint", with("range", whole)).unwrap();
    assert_eq!(hints[0]["label"], " → 1 row per subject");
    assert_eq!(hints[1]["position"], json!({ "line": 5, "character": 9 }));
    assert!(hints[1]["label"].as_str().unwrap().starts_with(": "), "{hints}");
    let folds = editor.ask("textDocument/foldingRange", document.clone()).unwrap();
    assert_eq!((&folds[0]["startLine"], &folds[0]["endLine"]), (&json!(4), &json!(6)));
    let selections = editor
        .ask("textDocument/selectionRange", with("positions", json!([{ "line": 6, "character": 14 }])))
        .unwrap();
    assert_eq!(selections[0]["range"]["start"], json!({ "line": 6, "character": 14 }), "{selections}");
    assert_eq!(
        selections[0]["parent"]["range"]["end"],
        json!({ "line": 6, "character": 29 }),
        "{selections}"
    );
    let tokens = editor.ask("textDocument/semanticTokens/full", document.clone()).unwrap();
    assert_eq!(tokens["data"].as_array().unwrap().len() % 5, 0);
    let edits = editor
        .ask("textDocument/formatting", with("options", json!({ "tabSize": 2, "insertSpaces": true })))
        .unwrap();
    assert_eq!(edits.as_array().unwrap().len(), 1, "{edits}");
    assert_eq!(editor.end(true), 0);
}
