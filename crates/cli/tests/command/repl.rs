//! `baseq repl`: on a terminal, key by key, and as a script.

use crate::project::{Gave, Project};
use crate::terminal::Terminal;
use std::io::Write as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

const BEGIN: &str = "use agreement \"EXAMPLE\"\nas of 2026-01-01\n";

/// A terminal with the shell in a project.
fn shell(project: &Project) -> Terminal {
    let history = project.path("history");
    let terminal = Terminal::start(
        project.root(),
        &["repl"],
        &[("BASEQ_HISTORY", history.to_str().unwrap()), ("PAGER", "")],
    );
    terminal.prompt();
    terminal
}

/// Does what is piped in.
fn piped(project: &Project, text: &str) -> Gave {
    let mut child = project
        .command(&["repl"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    Gave::of(&child.wait_with_output().unwrap())
}

#[test]
fn a_session_at_a_terminal() {
    let project = Project::loaded();
    let mut terminal = shell(&project);
    assert!(terminal.screen().contains("main · no agreement · no date"), "{}", terminal.screen());
    // What is likely is offered, and the arrow to the right takes it.
    terminal.shows("use agreement \"EXAMPLE\"");
    terminal.keys("\x1b[C");
    terminal.keys("\r");
    terminal.shows("main · EXAMPLE · no date");
    terminal.enter("as of 2026-01-01");
    terminal.shows("main · EXAMPLE · 2026-01-01");

    // A question of two lines is answered after the empty one, not before.
    terminal.keys("from subjects\r");
    terminal.keys("group by sex show sex, n = count(subjects)\r");
    terminal.shows("count(subjects)");
    assert!(!terminal.screen().contains("rounded"), "{}", terminal.screen());
    terminal.keys("\r");
    let answered = terminal.prompt();
    assert!(
        answered.contains("│ female  ┆ 25 │") && answered.contains("rounded to the nearest 5"),
        "{answered}"
    );

    // A mistake is shown in the words of the entry; the arrow up brings it back to be repaired.
    let wrong = terminal.enter("from subjects where sex = femal show n = count(subjects)");
    assert!(wrong.contains("entry 4:1:27") && wrong.contains("`female`"), "{wrong}");
    terminal.keys("\x1b[A");
    terminal.shows("> from subjects where sex = femal show n = count(subjects)");
    // To the beginning, behind `femal`, and an `e`.
    terminal.keys("\x01");
    terminal.keys(&"\x1b[C".repeat("from subjects where sex = femal".len()));
    terminal.keys("e\r");
    terminal.shows("│ 25 │");
    terminal.prompt();

    // A code by its name.
    terminal.keys("codes fits = HP:seiz\t");
    terminal.shows("codes fits = HP:0001250 \"Seizure\"");
    terminal.keys("\r");
    terminal.prompt();

    // A cohort is kept, and its name asks for its size.
    terminal.enter("cohort women = from subjects where sex = female");
    let size = terminal.enter("women");
    assert!(size.trim_end().contains("│ people │"), "{size}");
    let attrition = terminal.enter(".attrition");
    assert!(attrition.contains("│ women    ┆ sex = female ┆ 25 ┆ withheld"), "{attrition}");

    // What is saved is a program for the command line.
    terminal.enter(".save women.bq women_left");
    terminal.shows("wrote women.bq");
    terminal.keys("\x04");
    assert_eq!(terminal.ended(), 0);
    let saved = project.read("women.bq");
    assert!(saved.ends_with("attrition of `women`\n"), "{saved}");
    project.baseq(&["check", "women.bq"]).is(0);
    project.baseq(&["fmt", "--check", "women.bq"]).is(0);
    let rows = project.baseq(&["run", "women.bq", "--as", "csv"]).is(0);
    assert!(rows.stdout.contains("women,sex = female,25,withheld"), "{}", rows.stdout);

    // The history is its owner's alone, and holds no literals.
    let history = project.read("history");
    assert!(history.contains("from subjects where sex = female show n = count(subjects)"), "{history}");
    assert!(history.contains("codes fits = … …") && !history.contains("HP:"), "{history}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(project.path("history")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    // And it is there the next time.
    let terminal = shell(&project);
    terminal.keys("\x1b[A");
    terminal.shows("> .save women.bq women_left");
}

/// Many rows on many days in one person, so that comparing each with each takes a while.
const ROWS: usize = 80_000;

#[test]
fn ctrl_c_stops_the_engine_and_not_the_shell() {
    let project = Project::new();
    project.baseq(&["demo", "demo"]).is(0);
    let (mut measurements, mut treatments) = (
        String::from("measurement_id,subject_id,code,value,unit,date\n"),
        String::from("treatment_id,subject_id,drug,started,ended,dose,dose_unit\n"),
    );
    for row in 0..ROWS {
        let (year, day) = (row / 28 % 10, 1 + row % 28);
        measurements += &format!("x{row},P00001,LOINC:39156-5,23.0,kg/m2,200{year}-01-{day:02}\n");
        treatments += &format!("y{row},P00001,ATC:A10BA02,201{year}-01-{day:02},,1000,mg\n");
    }
    project.write("demo/measurements.csv", &measurements);
    project.write("demo/treatments.csv", &treatments);
    let inside = |arguments: &[&str]| {
        let mut all = arguments.to_vec();
        all.extend(["--project", "demo"]);
        project.baseq(&all)
    };
    inside(&["load", "table", "measurement", "demo/measurements.csv"]).is(0);
    inside(&["load", "table", "treatment", "demo/treatments.csv"]).is(0);

    let mut terminal = Terminal::start(&project.path("demo"), &["repl"], &[("BASEQ_HISTORY", "")]);
    terminal.prompt();
    terminal.enter("use agreement \"DEMO\"");
    terminal.enter("as of 2025-01-01");
    let records = || project.read("demo/audit.jsonl").lines().count();
    let before = records();
    // What is typed before the prompt listens is lost, so a person waits for it.
    terminal.shows("main · DEMO · 2025-01-01");
    std::thread::sleep(Duration::from_millis(500));
    terminal.keys("from subjects where has measurement (has treatment on or before measurement.date)");
    terminal.shows("measurement.date)");
    terminal.keys("\r");
    terminal.keys("show n = count(subjects)");
    terminal.shows("n = count(subjects)");
    terminal.keys("\r\r");
    // The intent is written just before the statement runs.
    let begun = Instant::now();
    while records() == before {
        assert!(begun.elapsed() < Duration::from_mins(2), "{}", terminal.screen());
        std::thread::sleep(Duration::from_millis(10));
    }
    std::thread::sleep(Duration::from_millis(300));
    assert!(!terminal.screen().contains("rounded"), "the question is too short: {}", terminal.screen());
    let stopped = Instant::now();
    terminal.keys("\x03");
    terminal.shows("E0808");
    terminal.prompt();
    // By itself it takes much longer.
    assert!(stopped.elapsed() < Duration::from_secs(8), "{:?}", stopped.elapsed());
    let log = inside(&["audit", "show", "--format", "json"]).is(0);
    assert!(log.stdout.contains("cancelled"), "{}", log.stdout);

    // The shell has lost nothing.
    let size = terminal.enter("from subjects where sex = female show n = count(subjects)");
    assert!(size.contains("rounded to the nearest 5"), "{size}");
    // Ctrl-C at the prompt takes back what is typed.
    terminal.keys("from subjects where");
    terminal.shows("> from subjects where");
    terminal.keys("\x03");
    terminal.until("an empty entry and a new prompt", |screen| {
        let lines: Vec<&str> = screen.trim_end().lines().map(str::trim_end).rev().take(3).collect();
        matches!(lines.as_slice(), [">", words, ">"] if words.contains(" · "))
    });
    terminal.keys("\x04");
    assert_eq!(terminal.ended(), 0);
}

#[test]
fn a_script_has_results_and_an_exit_code() {
    let project = Project::loaded();
    let by_sex = "from subjects\ngroup by sex\nshow sex, people = count(subjects)\n";
    let gave = piped(&project, &format!("{BEGIN}\n.mode csv\n{by_sex}")).is(0);
    assert_eq!(gave.stdout, "sex,people\r\nfemale,25\r\nmale,25\r\nunknown,0\r\n");
    assert_eq!(gave.stderr, "");
    // What a file asks has the same bytes.
    project.write("queries/by_sex.bq", &format!("{BEGIN}table t = {by_sex}"));
    let same = project.baseq(&["run", "queries/by_sex.bq", "--as", "csv"]).is(0);
    assert_eq!(same.stdout, gave.stdout);

    let count = "from subjects show n = count(subjects)";
    let refused = "from subjects group by site show site, n = count(subjects)";
    let begin = BEGIN.replace('\n', " ");
    project.baseq(&["repl", "-c", &begin, "-c", count]).is(0);
    let stopped = project.baseq(&["repl", "-c", &begin, "-c", refused, "-c", count]).is(3);
    assert!(stopped.stdout.is_empty(), "nothing after the first failure: {}", stopped.stdout);
    project.baseq(&["repl", "-c", &begin, "-c", ".mode json", "-c", count]).is(3).says("E0814");
    project.baseq(&["repl", "-c", "from subjects wher"]).is(1).says("E0001");
    project.baseq(&["repl", "-c", "count(subjects)"]).is(1).says("E0850");
    project.baseq(&["repl", "-c", ".tabels"]).is(2).says("`.tables` is near");
    project.baseq(&["repl", "-c", ".mode parquet"]).is(2).says("E0852");
    project.baseq(&["repl", "-c", ".sql"]).is(2).says("E0854");
    project.baseq(&["repl", "-c", ".save hp.obo"]).is(2).says("E0854");
    project.baseq(&["repl", "-c", &begin, "-c", ".save hp.obo"]).is(2).says("E0853");
    std::fs::remove_file(project.path("warehouse.duckdb")).unwrap();
    project.baseq(&["repl", "-c", &begin, "-c", count]).is(4);
}

#[test]
fn what_is_kept_stands_together() {
    let project = Project::loaded();
    let ask = |entries: &[&str]| {
        let mut arguments = vec!["repl", "-c", "use agreement \"EXAMPLE\" as of 2026-01-01"];
        for entry in entries {
            arguments.extend(["-c", entry]);
        }
        project.baseq(&arguments)
    };
    let (women, older) =
        ("cohort women = from subjects where sex = female", "cohort older = from women where old");
    let old = "let old = age >= 30 years";
    // A cohort is replaced where it stands, and what uses it follows.
    let gave =
        ask(&[".mode csv", women, old, older, "cohort women = from subjects where sex = male", "older"])
            .is(0);
    assert_eq!(gave.stdout, "people\r\n25\r\n");
    // What others use cannot go, and what breaks others is not kept.
    ask(&[women, old, older, ".forget women"]).is(1).says("something else uses it");
    ask(&[women, old, older, "table women = from subjects show n = count(subjects)"])
        .is(1)
        .says("nothing was changed");
    let shown = ask(&[women, old, older, ".forget older old", ".show"]).is(0);
    assert!(shown.stdout.contains("women") && !shown.stdout.contains("old"), "{}", shown.stdout);
    // A value that is given before or after its parameter is in force.
    let param = "param youngest: duration = 30 years";
    let adults = "cohort adults = from subjects where age >= youngest";
    let gave = ask(&[".mode csv", ".params youngest=200 years", param, adults, "adults", ".params"]).is(0);
    assert_eq!(gave.stdout, "people\r\n<10\r\nyoungest = 200 years  (by `.params`)\n");
    ask(&[param, ".params youngest=red"]).is(1);
}

#[test]
fn what_was_asked_can_be_looked_into() {
    let project = Project::loaded();
    let question = "from subjects where sex = female show n = count(subjects)";
    let ask = |command: &str| {
        project
            .baseq(&[
                "repl",
                "-c",
                "use agreement \"EXAMPLE\" as of 2026-01-01",
                "-c",
                question,
                "-c",
                command,
            ])
            .is(0)
            .stdout
    };
    assert!(ask(".sql").contains("\"permitted\" AS MATERIALIZED"));
    assert!(
        ask(".why")
            .contains("policy/example.bq:6  `subject.sex` in a condition or an aggregate: `may test subject")
    );
    assert!(ask(".plan").contains("reads subject.sex (quasi)"));
    assert!(ask(".release").contains("counts below 10 people are withheld"));
    assert!(ask(".release").contains("of the last result 0 of 1 cells were withheld"));
    assert!(ask(".describe").contains("2026"), "{}", ask(".describe"));
    assert!(ask(".describe subjects").contains("birth_date"));
    assert!(ask(".tables").contains("use agreement \"EXAMPLE\""));
    assert!(ask(".help sex").contains("subject.sex : female"));
    assert!(ask(".help HP:0001250").contains("Seizure"));
    assert!(ask(".help band").contains("\nband(value, width)\n"), "{}", ask(".help band"));
    assert!(ask(".help cohort").contains("a named group of people"));
    assert!(ask(".help E0524").contains("# E0524"));
    assert!(ask(".help .save").contains(".save FILE [NAME]"));
    assert!(ask(".help").contains("Ctrl-D leaves"));
}

#[test]
fn a_file_is_read_and_written_with_its_imports() {
    let project = Project::loaded();
    project.write("queries/women.bq", "cohort women = from subjects where sex = female\n");
    project.write(
        "queries/asked.bq",
        "use agreement \"EXAMPLE\"\nas of 2026-01-01\nimport \"women.bq\" (women)\nattrition of women\n",
    );
    let read = project.baseq(&["repl", "queries/asked.bq", "-c", "women"]).is(0);
    assert!(read.stdout.contains("│ women  ") && read.stdout.contains("│ people │"), "{}", read.stdout);
    // Where its imports lead nowhere, nothing is written.
    project.baseq(&["repl", "queries/asked.bq", "-c", ".save here.bq"]).is(2).says("E0853");
    assert!(!project.path("here.bq").exists());
    project.baseq(&["repl", "queries/asked.bq", "-c", ".save queries/there.bq"]).is(0);
    let there = project.baseq(&["run", "queries/there.bq"]).is(0);
    assert!(there.stdout.contains("│ women  "), "{}", there.stdout);
    // A mistake in a file is told with the file's own lines.
    project.write("queries/wrong.bq", "\n\ncohort c =\n  from subjects\n  where sx = female\n");
    project.baseq(&["repl", "-c", ".read queries/wrong.bq"]).is(1).says("queries/wrong.bq:5:9");
}
