//! Every program that the project holds, and comments in every place.

use super::*;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn files(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() && !path.ends_with("target") {
            files(&path, ending, found);
        } else if path.extension().is_some_and(|found| found == ending) {
            found.push(path);
        }
    }
}

/// Every `.bq` text of the library, the examples, the demo, the suite and the pages of diagnostics.
fn programs() -> Vec<(String, String)> {
    let mut programs = Vec::new();
    let mut paths = Vec::new();
    for folder in ["stdlib", "examples", "crates/demo"] {
        files(&root().join(folder), "bq", &mut paths);
    }
    for path in paths.drain(..) {
        programs.push((path.display().to_string(), std::fs::read_to_string(&path).expect("a text")));
    }
    for folder in ["tests/suite", "crates/diag/codes"] {
        files(&root().join(folder), "md", &mut paths);
    }
    for path in paths {
        let text = std::fs::read_to_string(&path).expect("a page");
        for case in spec::read(&path.display().to_string(), &text).expect("a page of cases") {
            for file in case
                .files
                .iter()
                .filter(|file| Path::new(&file.name).extension().is_some_and(|end| end == "bq"))
            {
                programs.push((format!("{} {}", case.page, case.name()), file.text.clone()));
            }
        }
    }
    assert!(programs.len() > 500, "only {} programs", programs.len());
    programs
}

fn laid_out(text: &str) -> String {
    let (parsed, _) = syntax::parse(FileId(0), text);
    format_parsed(&parsed)
}

fn check(name: &str, text: &str) {
    let once = laid_out(text);
    let (before, _) = syntax::lex(FileId(0), text);
    let (after, _) = syntax::lex(FileId(0), &once);
    assert_eq!(words(&before), words(&after), "{name}\n{text}\nbecame\n{once}");
    assert_eq!(laid_out(&once), once, "{name}: a second pass changes\n{text}");
}

#[test]
fn every_program_keeps_its_tokens_and_is_stable() {
    for (name, text) in programs() {
        check(&name, &text);
    }
}

/// What people read first is laid out as they are told to lay out theirs.
#[test]
fn the_examples_are_laid_out() {
    let mut paths = Vec::new();
    for folder in ["examples", "crates/demo/project"] {
        files(&root().join(folder), "bq", &mut paths);
    }
    assert!(paths.len() > 10);
    for path in paths {
        let text = std::fs::read_to_string(&path).expect("a text");
        assert_eq!(format(&text), text, "{}: `baseq fmt` changes it", path.display());
    }
}

/// What the compiler says of a program, without places.
fn said(text: &str) -> Vec<String> {
    let (_, diagnostics) = syntax::parse(FileId(0), text);
    diagnostics.iter().map(|one| format!("{} {}", one.code.0, one.message)).collect()
}

#[test]
fn the_parser_says_the_same_of_it() {
    for (name, text) in programs() {
        let (mut before, mut after) = (said(&text), said(&format(&text)));
        before.sort();
        after.sort();
        assert_eq!(before, after, "{name}\n{text}\nbecame\n{}", format(&text));
    }
}

const CORPUS: &[&str] = &[
    "use agreement \"A\"\nas of 2026-01-01\ncodes c = [HP:0001250 \"Seizure\", only HP:0001249]\n",
    "define measurement.high(x: decimal): bool = value >= x and (unit = \"a\" or value < -1)\n",
    "cohort c = from subjects where a: has variant (gene = SCN1A and impact >= high) index at first(visit).date\n",
    "table t = from c group by sex, b = band(age, 10 years) show n = count(subjects), x { a, b } order by n descending limit 3\n",
    "table t = from variants frequency among samples (call_rate > 95%) by subject.sex with totals show ac, an\n",
    "table d = from c group by k = case when sex = male then \"m\" otherwise \"f\" show n = count(subjects)\n",
    "test \"t\" { as of 2026-01-01 subject s { sex = male, excludes phenotype in HP:0001250 (onset = 3 years) } expect n = 1 }\n",
    "entity call (calls) from table genotype key a, b linkage of subject via x.y dated by s .. e { call : het | hom? sensitive one s : sample? by i, j }\n",
    "agreement \"A\" version 1 { recipient \"R\" may test subject (sex, age), phenotype release { min subjects 10, dominance 10% (2, 90%) } formats csv, vcf }\n",
];

/// Comments behind one token, and before one token, of every program of the corpus; then behind two.
#[test]
fn a_comment_may_stand_anywhere() {
    let mut tried = 0;
    for text in CORPUS {
        let (tape, problems) = syntax::lex(FileId(0), text);
        assert!(problems.is_empty(), "{text}");
        let ends: Vec<usize> = tape.tokens().iter().map(|token| token.end as usize).collect();
        for (place, end) in ends.iter().enumerate() {
            for comment in [" -- here\n", "\n-- here\n", "\n\n--| here\n\n"] {
                let one = [&text[..*end], comment, &text[*end..]].concat();
                check("one comment", &one);
                tried += 1;
            }
            for other in &ends[place..] {
                let two =
                    [&text[..*end], " -- one\n", &text[*end..*other], "\n-- two\n", &text[*other..]].concat();
                check("two comments", &two);
                tried += 1;
            }
        }
    }
    assert!(tried > 1000, "{tried}");
}

#[test]
fn lines_fit_where_they_can_be_broken() {
    let text = format!(
        "table t = from subjects where {} show n = count(subjects)\n",
        ["has phenotype in HP:0001250"; 12].join(" and ")
    );
    for line in format(&text).lines() {
        assert!(line.chars().count() <= WIDTH, "{line}");
    }
}

#[test]
fn columns_that_do_not_fit_have_a_line_each() {
    let text = "table t = from samples group by kit_lot show kit_lot, people = count(subject), coverage = mean(mean_coverage), titv = mean(ti_tv), passed = share(qc_passed)\n";
    let expected = "table t =\n  from samples\n  group by kit_lot\n  show kit_lot,\n    people = count(subject),\n    coverage = mean(mean_coverage),\n    titv = mean(ti_tv),\n    passed = share(qc_passed)\n";
    assert_eq!(format(text), expected);
}

#[test]
fn the_one_style() {
    let text = "--| Adults.\nuse agreement \"A\"\nas of 2026-01-01\n\n\n\ncohort c=from subjects where adult:age>=18 years\ncohort d =\n from c\n  where x : a in[HP:0001250,HP:0001249] -- why\n\n  -- then\n  where y: b = 6.5 %\ntable t = from d group by sex show people=count( subjects )\n-- end\n";
    let expected = "--| Adults.\nuse agreement \"A\"\nas of 2026-01-01\n\ncohort c = from subjects where adult: age >= 18 years\n\ncohort d =\n  from c\n  where x: a in [HP:0001250, HP:0001249]  -- why\n\n  -- then\n  where y: b = 6.5%\n\ntable t =\n  from d\n  group by sex\n  show people = count(subjects)\n-- end\n";
    assert_eq!(format(text), expected);
}

#[test]
fn what_does_not_parse_is_left_alone() {
    let text = "cohort c =\n  from subjects\n  where  age  >=  \n  where sex=male\n\ntable  ?? what\n  is   this\n\ncodes  c=HP:0001250\n";
    let expected = "cohort c =\n  from subjects\n  where  age  >=\n  where sex = male\n\ntable  ?? what\n  is   this\n\ncodes c = HP:0001250\n";
    assert_eq!(format(text), expected);
}

#[test]
fn nothing_is_nothing() {
    assert_eq!(format(""), "");
    assert_eq!(format("\n\n"), "");
    assert_eq!(format("-- a\r\n\r\n-- b"), "-- a\n\n-- b\n");
}
