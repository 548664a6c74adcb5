//! What people who may not be read contribute to a warehouse changes no answer: every program of the suite that
//! gives rows is asked of a warehouse and of its twins, in which only those people's rows were changed.
//!
//! `make test` asks each program of some twins, in turn; with `BASEQ_DEEP=1` (`make test-deep`) of all.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tests::chance::{Chance, program};
use tests::interference::{Hidden, OPERATORS, Operator, Twins, case};

#[test]
fn the_suite_reads_nobody_who_is_hidden() {
    let hidden = Hidden {
        people: ["vine", "willow", "yew"].map(str::to_owned).to_vec(),
        samples: vec!["sumac-1".to_owned()],
        by_age: Vec::new(),
    };
    let twins = Twins::load("small", &hidden, &OPERATORS).expect("the small warehouse has twins");
    let (mut triples, mut rows, mut asked, mut differences) = (0, 0, 0, Vec::new());
    for (number, case) in cases("small").iter().enumerate() {
        let turn = |operator: Operator| deep() || is_turn(number, operator);
        let compared = twins.compare(case, &turn).unwrap_or_else(|error| panic!("{}: {error}", case.name()));
        triples += compared.triples;
        rows += compared.rows;
        asked += usize::from(compared.triples > 0);
        differences
            .extend(compared.differences.iter().map(|one| format!("{} {}: {one}", case.page, case.name())));
    }
    eprintln!("{asked} programs with {rows} rows, {triples} comparisons, {} differences", differences.len());
    assert!(differences.is_empty(), "{}", differences.join("\n\n"));
    assert!(asked > 300 && rows > 1000, "programs are missing");
}

/// The same changes to people who may be read are seen, so that the two other tests can fail. Rows without a
/// person belong to nobody, so that this operator shows nothing here; `cargo xtask mutants null` tries it.
#[test]
fn a_change_to_somebody_who_may_be_read_is_seen() {
    let read = Hidden {
        people: ["alder", "birch", "dogwood"].map(str::to_owned).to_vec(),
        samples: vec!["teak-2".to_owned()],
        by_age: Vec::new(),
    };
    let operators = OPERATORS.into_iter().filter(|one| *one != Operator::NullKeys).collect::<Vec<_>>();
    let twins = Twins::load("small", &read, &operators).expect("the small warehouse has twins");
    let cases = cases("small");
    for operator in operators {
        let seen = cases.iter().step_by(7).any(|case| {
            twins.compare(case, &|one| one == operator).is_ok_and(|compared| !compared.differences.is_empty())
        });
        assert!(seen, "{operator:?} changes nothing");
    }
}

/// Every value of everybody is as large, as small, as early, as late, as empty or as long as its type allows: no program fails
/// on a row, so that an error never tells of one, and the witnesses agree on every answer. `make test` asks a third of
/// the programs.
#[test]
fn extreme_values_of_everybody_break_no_program() {
    let keys = |table: &str| {
        let rows = fs::read_to_string(
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("warehouses/small/{table}.csv")),
        );
        let rows = rows.expect("a table of the small warehouse");
        rows.lines().skip(1).filter_map(|row| row.split(',').next()).map(str::to_owned).collect::<Vec<_>>()
    };
    let everybody = Hidden { people: keys("subject"), samples: keys("sample"), by_age: Vec::new() };
    let twins =
        Twins::load("small", &everybody, &[Operator::BadValue]).expect("the small warehouse has a twin");
    let (mut tables, mut changed, mut broken) = (0, 0, Vec::new());
    for case in cases("small") {
        let compared =
            twins.compare(&case, &|_| true).unwrap_or_else(|error| panic!("{}: {error}", case.name()));
        tables += compared.triples;
        changed += usize::from(!compared.differences.is_empty());
        let all = compared.differences.into_iter().filter(|one| one.contains(" breaks "));
        broken.extend(all.map(|one| format!("{} {}: {one}", case.page, case.name())));
    }
    eprintln!("{tables} tables, {changed} programs with other rows, {} broken", broken.len());
    assert!(broken.is_empty(), "{}", broken.join("\n\n"));
    assert!(tables > 100 && changed > 40, "nothing was extreme");
}

/// Warehouses and programs of chance.
#[test]
fn programs_of_chance_read_nobody_who_is_hidden() {
    let (worlds, programs) = if deep() { (16, 140) } else { (1, 32) };
    let first = std::env::var("BASEQ_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let (mut triples, mut rows, mut asked, mut differences) = (0, 0, 0, Vec::new());
    let (mut refused, mut constructs) = (BTreeMap::<String, usize>::new(), BTreeMap::new());
    for seed in first..first + worlds {
        let twins = Twins::draw(seed, &OPERATORS).unwrap_or_else(|error| panic!("world {seed}: {error}"));
        for number in 0..programs {
            let name = format!("world {seed}, program {number}");
            let text = program::draw(&mut Chance::new(seed * 1_000_003 + number));
            let compared = twins
                .compare(&case(&name, &text, program::POLICY), &|_| true)
                .unwrap_or_else(|error| panic!("{name}: {error}\n{text}"));
            if compared.triples == 0 {
                eprintln!("{name}: {:?}\n{text}", compared.refused);
                compared.refused.into_iter().for_each(|(code, _)| *refused.entry(code).or_default() += 1);
                continue;
            }
            asked += 1;
            triples += compared.triples;
            rows += compared.rows;
            tests::chance::constructs(&syntax::parse(text::FileId(0), &text).0.file, &mut constructs);
            differences.extend(compared.differences.iter().map(|one| format!("{name}: {one}\n{text}")));
        }
    }
    eprintln!("{asked} programs with {rows} rows, {triples} comparisons, {} differences", differences.len());
    eprintln!("refused: {refused:?}");
    for (construct, count) in &constructs {
        eprintln!("{count:6} {construct}");
    }
    assert!(differences.is_empty(), "{}", differences.join("\n\n"));
    assert!(asked * 10 > programs * worlds * 9, "programs of chance are refused");
}

/// Whether every operator is asked of every program.
fn deep() -> bool {
    std::env::var_os("BASEQ_DEEP").is_some_and(|value| value == "1")
}

/// Two operators in turn.
fn is_turn(number: usize, operator: Operator) -> bool {
    (0..2).any(|more| OPERATORS[(number * 2 + more) % OPERATORS.len()] == operator)
}

/// The cases of `suite/meaning` that ask a warehouse for rows.
fn cases(warehouse: &str) -> Vec<spec::Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("suite/meaning");
    let mut pages: Vec<_> =
        fs::read_dir(&folder).expect("the suite").map(|entry| entry.expect("a page").path()).collect();
    pages.sort();
    let mut all = Vec::new();
    for page in pages {
        let text = fs::read_to_string(&page).expect("a page");
        let name = page.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let cases = spec::read(&name, &text).expect("a page of cases");
        all.extend(cases.into_iter().filter(|case| {
            let asks = case.context.get("warehouse").and_then(toml::Value::as_str).unwrap_or("small");
            asks == warehouse && case.blocks.iter().any(|block| block.lang == "rows")
        }));
    }
    all
}
