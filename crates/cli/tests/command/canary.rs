//! Canaries: every value of people who may not be read, and of groups too small to be told, is a word or a number
//! that stands nowhere else. Whatever the program prints, answers to an editor, records, keeps or leaves behind is
//! then searched for them. One canary is of a group that may be told, and must be found: the search works.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use engine::Store as _;
use serde_json::{Value, json};

use crate::asked;
use crate::project::{Gave, Project};

/// What no file may hold: texts begin so, numbers hold these digits, days are this one.
const TEXT: &str = "kanari";
const NUMBER: &str = "7351926";
const DAY: &str = "1871-05-17";
/// The word of a group that is large enough.
const SHOWN: &str = "told-canary";

const POLICY: &str = "agreement \"EXAMPLE\" version 1 {
  recipient \"Example hospital\"
  purpose   GENERAL
  valid     2026-01-01 until 2030-01-01
  may test  subject (sex, birth_date, site, population, ethnicity), measurement, diagnosis, phenotype, treatment
  may show  sex, site, population, band(age, 10 years), measurement.value, diagnosis.code
  level     aggregate
  release   { min subjects 10, round to 5 }
  formats   csv, tsv, json, md
}
";

const QUESTIONS: &str = "use agreement \"EXAMPLE\"
as of 2026-01-01
define measurement.number = value / 1 '%'
cohort measured = from subjects where tested: has measurement
table by_sex = from subjects group by sex with totals show n = count(subjects)
table by_site = from subjects group by site show n = count(subjects)
table by_population = from subjects group by population show n = count(subjects)
table values = from measurements group by subject.site show n = count(subjects), mean(number), sum(number), median(number)
table diagnosed = from diagnoses group by code show n = count(subjects)
table named = from subjects where site = \"north\" show n = count(subjects)
attrition of measured
describe measured show sex, age
";

/// A project whose hidden people and small groups are canaries in every cell.
fn project() -> Project {
    let project = Project::loaded_under(POLICY);
    let mut store = engine_duckdb::open_store(project.path("warehouse.duckdb")).unwrap();
    let mut run = |sql: &str| store.execute(sql).map_err(|error| format!("{}\n{sql}", error.detail)).unwrap();
    // Every fifth person has not consented; of those who have, three live where nobody else does.
    let hidden = "cast(substr(subject_id, 2) as int) % 5 = 4";
    let few = "subject_id in ('s000', 's001', 's002')";
    run(&format!("update subject set site = '{SHOWN}', population = 'p', ethnicity = 'e'"));
    for table in ["phenotype", "diagnosis", "treatment", "measurement"] {
        let (code, column) = match table {
            "phenotype" => ("'HP:0001250'", "term"),
            "diagnosis" => ("'ICD10:E11'", "code"),
            "treatment" => ("'ATC:A10BA02'", "drug"),
            _ => ("'LOINC:4548-4'", "code"),
        };
        let more = match table {
            "phenotype" => ", false as excluded",
            "measurement" => ", 6.5 as value, '%' as unit",
            _ => "",
        };
        run(&format!(
            "insert into {table} by name select '{table}-' || subject_id as {table}_id, subject_id, {code} as {column}{more} from subject"
        ));
    }
    // Columns of every table of people: what is no key and no code becomes a canary; codes of the hidden do too.
    for (table, column, ty) in columns(&project) {
        let rows = format!("subject_id in (select subject_id from subject where {hidden} or {few})");
        let is_key = column.ends_with("_id");
        let is_code = matches!(
            column.as_str(),
            "term" | "code" | "drug" | "omim" | "mondo" | "orpha" | "doid" | "severity"
        );
        let is_enum = matches!(column.as_str(), "sex" | "karyotype" | "ancestry");
        let value = match ty.as_str() {
            _ if is_key || is_enum => continue,
            "VARCHAR" if is_code => format!("'{TEXT}:{column}'"),
            "VARCHAR" if column == "unit" => continue,
            "VARCHAR" => format!("'{TEXT}-{table}-{column}-' || subject_id"),
            "DATE" => format!("date '{DAY}'"),
            "BIGINT" => format!("{NUMBER}00 + rowid"),
            ty if ty.starts_with("DECIMAL") => format!("{NUMBER}.25 + rowid"),
            _ => continue,
        };
        // Whoever may be read keeps birth and codes, by which rules choose people.
        let whose = if is_code || column.starts_with("birth") {
            format!("subject_id in (select subject_id from subject where {hidden})")
        } else {
            rows
        };
        run(&format!("update {table} set \"{column}\" = {value} where {whose}"));
    }
    drop(store);
    project.write("queries/q.bq", QUESTIONS);
    project
}

/// The columns of tables that name a person.
fn columns(project: &Project) -> Vec<(String, String, String)> {
    let mut reader = engine_duckdb::open_reader(
        project.path("warehouse.duckdb"),
        engine_duckdb::ReaderOptions { threads: Some(1) },
    );
    let columns = engine::Reader::columns(reader.as_mut().unwrap()).unwrap();
    let mut by_table = BTreeMap::<String, Vec<(String, String)>>::new();
    for column in columns {
        by_table.entry(column.table).or_default().push((column.column, column.ty));
    }
    let of_people = by_table.into_iter().filter(|(table, columns)| {
        !table.starts_with("consent") && columns.iter().any(|(name, _)| name == "subject_id")
    });
    of_people
        .flat_map(|(table, columns)| columns.into_iter().map(move |(name, ty)| (table.clone(), name, ty)))
        .collect()
}

#[test]
fn nothing_of_whom_may_not_be_told_gets_out() {
    let project = project();
    for folder in ["home", "tmp"] {
        std::fs::create_dir(project.path(folder)).unwrap();
    }
    project.baseq(&["check", "queries/q.bq"]).is(0);
    let mut out = Vec::new();
    let mut told = 0;
    let mut asks: Vec<Vec<String>> = Vec::new();
    let tables = ["by_sex", "by_site", "by_population", "values", "diagnosed", "named"];
    for table in tables {
        for format in ["csv", "tsv", "json", "md", "table"] {
            asks.push(["run", "queries/q.bq", table, "--as", format].map(str::to_owned).to_vec());
        }
        // Spreadsheets and Parquet are made of the same released rows, and are compressed.
        let file = format!("{table}.csv");
        asks.push(["run", "queries/q.bq", table, "-o", &file].map(str::to_owned).to_vec());
    }
    for ask in [
        "run queries/q.bq --report",
        "run queries/q.bq --format json",
        "run queries/q.bq --dry-run",
        "attrition queries/q.bq",
        "check --explain-policy queries/q.bq",
        "check --format json queries/q.bq",
        "lint queries/q.bq",
        "describe queries/q.bq",
        "sql queries/q.bq",
        "activity",
        "audit show",
        "audit verify",
        "audit export --as csv",
        "policy show",
        "policy check",
        "policy diff",
        "schema check",
        "list",
        "run queries/q.bq no_such_table",
    ] {
        asks.push(ask.split(' ').map(str::to_owned).collect());
    }
    for ask in &asks {
        // Three people fewer are told by one table than by another, so each is asked as the first; what was recorded is kept.
        if ask[0] == "run" {
            for kept in ["audit.jsonl", "audit.jsonl.history"] {
                let bytes = std::fs::read(project.path(kept)).unwrap_or_default();
                out.push((
                    format!("{kept} before {ask:?}"),
                    String::from_utf8_lossy(&bytes).into_owned() + "          -",
                ));
            }
            asked::forget(project.root());
        }
        let arguments: Vec<&str> = ask.iter().map(String::as_str).collect();
        let gave = Gave::of(&surrounded(&project, &arguments).output().unwrap());
        told += usize::from(gave.stdout.contains(SHOWN));
        out.push((ask.join(" "), format!("{}\n{}", gave.stdout, gave.stderr)));
    }
    asked::forget(project.root());
    out.push(("the shell".to_owned(), shell(&project)));
    asked::forget(project.root());
    out.push(("the editor".to_owned(), editor(&project)));
    asked::forget(project.root());
    out.push(("a broken warehouse".to_owned(), broken(&project)));
    assert!(told >= 5, "the group that may be told was not told: {out:#?}");
    assert!(out.iter().filter(|(_, text)| text.len() > 4).count() > 60, "nothing is said: {out:#?}");
    for (ask, text) in &out {
        no_canary(ask, text.as_bytes());
    }
    let mut files = 0;
    every_file(project.root(), &mut |path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !name.contains(".duckdb") {
            files += 1;
            no_canary(&path.display().to_string(), &std::fs::read(path).unwrap());
        }
    });
    assert!(files > 20, "files are missing: {files}");
    // They are where they were put, or nothing was shown.
    let warehouse = std::fs::read(project.path("warehouse.duckdb")).unwrap();
    assert!(find(&warehouse, TEXT).is_some(), "there is no canary");
}

/// A command whose home and temporary files are in the project.
fn surrounded(project: &Project, arguments: &[&str]) -> std::process::Command {
    let mut command = project.command(arguments);
    command
        .env("HOME", project.path("home"))
        .env("XDG_STATE_HOME", project.path("home/state"))
        .env("TMPDIR", project.path("tmp"))
        .env("BASEQ_HISTORY", project.path("home/history"))
        .env("RUST_BACKTRACE", "full")
        .env("RUST_LOG", "trace");
    command
}

fn fed(project: &Project, arguments: &[&str], input: &[u8]) -> String {
    let mut child = surrounded(project, arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let gave = Gave::of(&child.wait_with_output().unwrap());
    format!("{}\n{}", gave.stdout, gave.stderr)
}

fn shell(project: &Project) -> String {
    let asks = "use agreement \"EXAMPLE\"\nas of 2026-01-01\n\nfrom subjects group by site show n = count(subjects)\n\n\
                cohort all = from subjects where sex = female\n\n.attrition all\n\n.sql\n\n.plan\n\n.why\n\n\
                from subjects where site = \"kan show n = count(subjects)\n\n";
    fed(project, &["repl"], asks.as_bytes())
}

/// All that the server answers and tells of a program that runs by a lens.
fn editor(project: &Project) -> String {
    let root = std::fs::canonicalize(project.root()).unwrap();
    let uri = format!("file://{}/queries/q.bq", root.display());
    let document = json!({ "uri": uri });
    let mut input = Vec::new();
    let mut send = |message: Value| {
        let text = message.to_string();
        write!(input, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
    };
    let folder = json!([{ "uri": format!("file://{}", root.display()), "name": "study" }]);
    send(json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params":
        { "processId": null, "rootUri": null, "capabilities": {}, "workspaceFolders": folder } }));
    send(json!({ "jsonrpc": "2.0", "method": "initialized", "params": {} }));
    send(json!({ "jsonrpc": "2.0", "method": "textDocument/didOpen", "params": { "textDocument":
        { "uri": uri, "languageId": "bq", "version": 1, "text": QUESTIONS } } }));
    let mut id = 1;
    for (line, text) in QUESTIONS.lines().enumerate() {
        for character in (0..text.len()).step_by(7) {
            for method in ["hover", "completion"] {
                id += 1;
                let position = json!({ "line": line, "character": character });
                send(json!({ "jsonrpc": "2.0", "id": id, "method": format!("textDocument/{method}"),
                    "params": { "textDocument": document, "position": position } }));
            }
        }
    }
    for method in ["codeLens", "documentSymbol", "inlayHint", "diagnostic"] {
        id += 1;
        let whole = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 20, "character": 0 } });
        send(json!({ "jsonrpc": "2.0", "id": id, "method": format!("textDocument/{method}"),
            "params": { "textDocument": document, "range": whole } }));
    }
    for command in ["run", "attrition", "sql", "policy"] {
        id += 1;
        send(json!({ "jsonrpc": "2.0", "id": id, "method": "workspace/executeCommand",
            "params": { "command": format!("baseq.{command}"), "arguments": [uri, "by_site"] } }));
    }
    send(json!({ "jsonrpc": "2.0", "id": id + 1, "method": "shutdown" }));
    send(json!({ "jsonrpc": "2.0", "method": "exit" }));
    fed(project, &["lsp"], &input)
}

/// A warehouse cut in half, one of which only the beginning is left, and one of rubble: what is said of them.
fn broken(project: &Project) -> String {
    let whole = std::fs::read(project.path("warehouse.duckdb")).unwrap();
    let mut said = String::new();
    let half = whole.len() / 2;
    let garbled = [&whole[..half], &vec![0xaa; half]].concat();
    for part in [&whole[..half], &whole[..5000], &garbled] {
        std::fs::write(project.path("cut.duckdb"), part).unwrap();
        let ask = ["run", "queries/q.bq", "by_site", "--warehouse", "duckdb:cut.duckdb"];
        let gave = Gave::of(&surrounded(project, &ask).output().unwrap());
        assert_ne!(gave.code, Some(0), "{gave:?}");
        said += &format!("{}\n{}", gave.stdout, gave.stderr);
    }
    std::fs::remove_file(project.path("cut.duckdb")).unwrap();
    said
}

#[track_caller]
fn no_canary(whence: &str, bytes: &[u8]) {
    for canary in [TEXT, NUMBER, DAY] {
        let mut from = 0;
        while let Some(at) = find(&bytes[from..], canary).map(|at| from + at) {
            let around = &bytes[at.saturating_sub(60)..(at + 60).min(bytes.len())];
            let around = String::from_utf8_lossy(around);
            assert!(canary == NUMBER && in_a_hash(bytes, at, canary.len()), "{canary} in {whence}: {around}");
            from = at + canary.len();
        }
    }
}

/// Whether digits stand within 32 or more hexadecimal ones, as those of a hash do.
fn in_a_hash(bytes: &[u8], at: usize, length: usize) -> bool {
    let before = bytes[..at].iter().rev().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let after = bytes[at + length..].iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    before + length + after >= 32
}

fn find(bytes: &[u8], word: &str) -> Option<usize> {
    bytes.windows(word.len()).position(|window| window == word.as_bytes())
}

fn every_file(folder: &Path, each: &mut dyn FnMut(&Path)) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            every_file(&path, each);
        } else {
            each(&path);
        }
    }
}
