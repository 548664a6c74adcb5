//! The built binary on a small project: what each command does and how it ends.

#![expect(clippy::unwrap_used, clippy::format_push_string, reason = "a test says what it expects by failing")]

#[path = "../asked/mod.rs"]
mod asked;
mod auditor;
mod canary;
mod crash;
mod differencing;
mod editor;
mod editor_asks;
mod editor_features;
mod editor_storms;
mod hidden;
mod made_up;
mod project;
mod repl;
mod saved;
mod steward;
mod terminal;

use project::Project;
use std::io::Read as _;
use std::process::Stdio;

const BY_SEX: &str = "use agreement \"EXAMPLE\"\nas of 2026-01-01\n\
    table by_sex = from subjects group by sex show sex, people = count(subjects)\n";

#[test]
fn from_nothing_to_rows() {
    let project = Project::loaded();
    project.write("queries/by_sex.bq", BY_SEX);
    project.baseq(&["check"]).is(0);
    // 24 of 30 women and of 30 men have consented, rounded to 5. That `unknown` is a sex is declared, so
    // its row is there, and that nobody is in it is no secret.
    let rows = project.baseq(&["run", "queries/by_sex.bq", "--as", "csv"]).is(0);
    assert_eq!(rows.stdout, "sex,people\r\nfemale,25\r\nmale,25\r\nunknown,0\r\n");
    let table = project.baseq(&["run", "queries/by_sex.bq", "by_sex"]).is(0);
    assert!(table.stdout.contains("female") && table.stdout.contains("25"), "{}", table.stdout);
    project.baseq(&["run", "queries/by_sex.bq", "-o", "out.csv"]).is(0);
    assert_eq!(project.read("out.csv"), rows.stdout);
    // One intent and one outcome for each of the three, after three loads and a policy.
    let log = project.baseq(&["audit", "verify", "--format", "json"]).is(0);
    assert!(log.stdout.contains("\"records\": 10"), "{}", log.stdout);
}

const WOMEN: &str =
    "use agreement \"EXAMPLE\"\nas of 2026-01-01\ncohort women = from subjects where sex = female\n";

#[test]
fn an_attrition_of_any_cohort() {
    let project = Project::loaded();
    project.write("queries/women.bq", WOMEN);
    // The agreement withholds zeros, so whether the 24 who are no women are out or unknown is not told.
    let rows = project.baseq(&["attrition", "queries/women.bq", "women", "--as", "csv"]).is(0);
    let expected = "cohort,rule,in,out,unknown,gained_if_dropped\r\nsubjects,permitted,50,,,\r\n\
        women,sex = female,25,withheld,withheld,25\r\n";
    assert_eq!(rows.stdout, expected);
    project.baseq(&["attrition", "queries/women.bq", "woman"]).is(1).says("E0140").says("`women`");
    project.baseq(&["attrition", "queries/women.bq", "women", "-o", "women.svg"]).is(3).says("E0814");
    let log = project.baseq(&["audit", "show", "--format", "json"]).is(0);
    assert!(log.stdout.contains("attrition of `women`"), "{}", log.stdout);
    project.write("queries/report.bq", &format!("{WOMEN}attrition of women\n"));
    let same = project.baseq(&["run", "queries/report.bq", "attrition_of_women", "--as", "csv"]).is(0);
    assert_eq!(same.stdout, expected);
}

#[test]
fn a_key_goes_across() {
    let project = Project::loaded();
    let two = BY_SEX.replace(
        "group by sex show",
        "group by sex, here = case when sex = male then \"m\" otherwise \"f\" show here,",
    );
    project.write("queries/two.bq", &two);
    let turned = project.baseq(&["run", "queries/two.bq", "--pivot", "here", "--as", "csv"]).is(0);
    assert_eq!(turned.stdout, "sex,m,f\r\nfemale,0,25\r\nmale,25,0\r\nunknown,0,0\r\n");
    project.baseq(&["run", "queries/two.bq", "--pivot", "people"]).is(2).says("its keys are");
    project.write("queries/by_sex.bq", BY_SEX);
    project.baseq(&["run", "queries/by_sex.bq", "--pivot", "sex"]).is(2).says("cannot be turned");
}

#[test]
fn what_the_policy_refuses_ends_with_3() {
    let project = Project::loaded();
    project.write("queries/by_sex.bq", BY_SEX);
    project.baseq(&["run", "queries/by_sex.bq", "--as", "json"]).is(3).says("E0814");
    let site = BY_SEX.replace("group by sex show sex,", "group by site show site,");
    project.write("queries/site.bq", &site);
    let refused = project.baseq(&["run", "queries/site.bq"]).is(3);
    assert!(refused.stdout.is_empty(), "{}", refused.stdout);
    project.baseq(&["check", "queries/site.bq"]).is(3);
    project.baseq(&["check", "queries/by_sex.bq"]).is(0);
}

#[test]
fn what_is_wrong_with_a_program_ends_with_1() {
    let project = Project::loaded();
    project.write(
        "queries/wrong.bq",
        &BY_SEX.replace("group by sex", "where has phenotype in HP:0001251 group by sex"),
    );
    project.baseq(&["check", "queries/wrong.bq"]).is(1).says("HP:0001250 \"Seizure\"");
    project.baseq(&["run", "queries/wrong.bq"]).is(1);
    let json = project.baseq(&["check", "--output-format", "json", "queries/wrong.bq"]).is(1);
    let all: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(all[0]["code"], "E0403");
    let concise = project.baseq(&["check", "--output-format", "concise", "queries/wrong.bq"]).is(1);
    assert_eq!(concise.stderr.lines().count(), 1, "{}", concise.stderr);
}

#[test]
fn files_are_laid_out_and_nothing_else_changes() {
    let project = Project::loaded();
    project.write("queries/by_sex.bq", &BY_SEX.replace("group by sex", "  group   by sex -- why\n"));
    let check = project.baseq(&["fmt", "--check", "queries"]).is(1);
    assert!(check.stdout.contains("queries/by_sex.bq"), "{}", check.stdout);
    let diff = project.baseq(&["fmt", "--diff", "queries/by_sex.bq"]).is(1);
    assert!(diff.stdout.contains("\n+  group by sex  -- why\n"), "{}", diff.stdout);
    project.baseq(&["fmt", "queries"]).is(0);
    project.baseq(&["fmt", "--check", "queries"]).is(0).says("0 would change");
    project.baseq(&["run", "queries/by_sex.bq"]).is(0);
    // What does not parse is left alone.
    project.write("queries/broken.bq", "cohort  c = from subjects where ((\n");
    project.baseq(&["fmt", "queries/broken.bq"]).is(0);
    assert!(project.read("queries/broken.bq").contains("where (("));
}

/// What stands in another unit than the bound is told once, and weights are not told of a bound on HbA1c.
#[test]
fn the_run_report_tells_what_was_left_undecided() {
    let project = Project::new();
    project.baseq(&["demo", "demo"]).is(0);
    let demo = project.path("demo");
    let demo = demo.to_str().unwrap();
    let query = format!("{demo}/queries/05_hba1c.bq");
    let gave = project.baseq(&["run", &query, "--report", "--format", "json"]).is(0);
    let lines: Vec<&str> = gave.stderr.lines().filter(|line| line.contains("cannot be compared")).collect();
    assert!(!lines.is_empty() && gave.stderr.contains("LOINC:4548-4"), "{}", gave.stderr);
    assert!(!gave.stderr.contains("kg/m2"), "{}", gave.stderr);
    assert_eq!(gave.stderr.matches("in mg/dL").count(), 1, "{}", gave.stderr);
}

#[test]
fn wrong_use_ends_with_2() {
    let project = Project::loaded();
    project.write("queries/by_sex.bq", BY_SEX);
    project.baseq(&["rum"]).is(2);
    project.baseq(&["run", "queries/none.bq"]).is(2).says("there is no such file");
    project.baseq(&["run", "queries/by_sex.bq", "by_sx"]).is(2).says("`by_sex` is near");
    project.baseq(&["run", "queries/by_sex.bq", "-o", "out.xyz"]).is(2).says("--as");
    project.baseq(&["run", "queries/by_sex.bq", "--warehouse", "other"]).is(2).says("there is `main`");
    project.baseq(&["run", "queries/by_sex.bq", "--param", "x=1"]).is(1).says("no parameter `x`");
    project.baseq(&["explain", "E9999"]).is(2);
    project.baseq(&["init"]).is(2).says("nothing was written");
}

#[test]
fn a_warehouse_that_is_not_there_ends_with_4() {
    let project = Project::loaded();
    project.write("queries/by_sex.bq", BY_SEX);
    std::fs::remove_file(project.path("warehouse.duckdb")).unwrap();
    project.baseq(&["check"]).is(0);
    project.baseq(&["sql", "queries/by_sex.bq"]).is(0);
    let gave = project.baseq(&["run", "queries/by_sex.bq"]).is(4).says("E0805");
    assert!(gave.stdout.is_empty());
    let log = project.baseq(&["activity"]).is(0);
    assert!(!log.stdout.contains("question"), "nothing was asked, so nothing is recorded: {}", log.stdout);
}

#[test]
fn nothing_runs_under_a_draft_or_an_old_lock() {
    let project = Project::loaded();
    project.write("queries/by_sex.bq", BY_SEX);
    let text = project.read("policy/example.bq");
    // A draft in the project changes nothing.
    project.write("policy/example.bq", &text.replace("min subjects 10", "min subjects 30"));
    let rows = project.baseq(&["run", "queries/by_sex.bq", "--as", "csv"]).is(0);
    assert!(rows.stdout.contains("female,25"), "{}", rows.stdout);
    // The same version with other words is not installed; the next version is.
    project.baseq(&["policy", "install"]).is(3).says("a change needs a new version number");
    let next = text.replace("version 1", "version 2").replace("min subjects 10", "min subjects 30");
    project.write("policy/example.bq", &next);
    project.baseq(&["policy", "install"]).is(0);
    project.baseq(&["run", "queries/by_sex.bq"]).is(4).says("another policy is installed");
    let pulled = project.baseq(&["schema", "pull"]).is(0);
    assert!(pulled.stdout.contains("EXAMPLE version 2"), "{}", pulled.stdout);
    let rows = project.baseq(&["run", "queries/by_sex.bq", "--as", "csv"]).is(0);
    assert!(rows.stdout.contains("female,<30"), "{}", rows.stdout);
    // And never back.
    project.write("policy/example.bq", &text);
    project.baseq(&["policy", "install"]).is(3).says("never goes back");
}

/// A newer model asks for what was never loaded; questions that do not need it are answered.
#[test]
fn a_warehouse_older_than_its_model_says_what_it_lacks() {
    let project = Project::loaded();
    project.write("queries/by_sex.bq", BY_SEX);
    let model = include_str!("../../../../stdlib/models/genomics.bq");
    let newer = |before: &str, added: &str| {
        let text = model.replacen(before, &format!("{added}\n{before}"), 1);
        assert_ne!(text, model);
        project.write("model.bq", &text);
        let settings = project.read("baseq.toml").replace("model = \"genomics\"", "model = \"model.bq\"");
        project.write("baseq.toml", &settings);
        // The steward installs it; nothing is loaded for it.
        project.baseq(&["policy", "install"]).is(0);
        project.baseq(&["schema", "pull"]).is(0);
    };
    newer("  birth_year   : int? quasi", "  blood_group  : text? sensitive");
    let gave = project.baseq(&["run", "queries/by_sex.bq"]).is(4).says("E0804");
    assert!(gave.stdout.is_empty());
    gave.says("in the table `subject`, which `by_sex` reads, the column blood_group is missing");
    // A table that the question does not read may be missing.
    newer(
        "--| A person: the unit",
        "entity ward (wards) from table ward key ward_id linkage public {\n  ward_id : text public\n}\n",
    );
    project.baseq(&["run", "queries/by_sex.bq"]).is(0);
}

#[test]
fn a_forged_pin_is_refused() {
    let project = Project::loaded();
    project.write("queries/by_sex.bq", BY_SEX);
    let pins = std::fs::read_dir(project.path(".baseq/pins")).unwrap();
    let policy = pins
        .map(|entry| entry.unwrap().path())
        .find(|path| {
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("policy-example"))
        })
        .unwrap();
    let text = std::fs::read_to_string(&policy).unwrap().replace("min subjects 10", "min subjects 5");
    std::fs::write(&policy, &text).unwrap();
    project.baseq(&["run", "queries/by_sex.bq"]).is(2).says("not the file that the lock names");
    // Not even when the lock file is forged with it.
    let name = policy.file_name().unwrap().to_str().unwrap().to_owned();
    let lock = project.read("baseq.lock");
    let at = lock.find(&name).unwrap();
    let old = lock[at..].lines().nth(1).unwrap().to_owned();
    let new = format!("sha256 = \"{}\"", sha256(text.as_bytes()));
    project.write("baseq.lock", &lock.replace(&old, &new));
    project.baseq(&["check"]).is(0);
    let gave = project.baseq(&["run", "queries/by_sex.bq"]).is(4).says("E0804");
    assert!(gave.stdout.is_empty());
    project.baseq(&["schema", "pull"]).is(0);
    project.baseq(&["run", "queries/by_sex.bq"]).is(0);
}

/// The hash by the system's own tool, so that the test does not borrow the program's.
fn sha256(bytes: &[u8]) -> String {
    use std::io::Write as _;
    let mut child =
        std::process::Command::new("sha256sum").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    let output = child.wait_with_output().unwrap();
    String::from_utf8(output.stdout).unwrap().split(' ').next().unwrap().to_owned()
}

#[test]
fn without_an_audit_log_there_is_no_result() {
    let project = Project::loaded();
    project.write("queries/by_sex.bq", BY_SEX);
    std::fs::remove_file(project.path("audit.jsonl")).unwrap();
    std::fs::create_dir(project.path("audit.jsonl")).unwrap();
    let gave = project.baseq(&["run", "queries/by_sex.bq"]).is(4).says("E0813");
    assert!(gave.stdout.is_empty());
}

#[test]
fn loading_is_idempotent_and_all_or_nothing() {
    let project = Project::loaded();
    let again = project.baseq(&["load", "pedigree", "family.ped", "--samples"]).is(0);
    assert!(again.stdout.contains("was loaded before"), "{}", again.stdout);
    project.write("bad.ped", "F1\tx1\t0\t0\t1\t0\nF1\tx2\t0\t0\t9\t0\n");
    project.baseq(&["load", "pedigree", "bad.ped"]).is(1).says("bad.ped:2");
    let kept = project.baseq(&["load", "pedigree", "bad.ped", "--rejects", "rejects.tsv"]).is(0);
    assert!(kept.stdout.contains("1 records kept as rejects"), "{}", kept.stdout);
    assert!(project.read("rejects.tsv").starts_with("bad.ped\t2\t"));
}

#[test]
fn schema_check_finds_what_is_broken() {
    let project = Project::loaded();
    project.baseq(&["schema", "check"]).is(0);
    let shown = project.baseq(&["schema", "show", "phenotypes"]).is(0);
    assert!(shown.stdout.contains("linkage of subject via subject"), "{}", shown.stdout);
    project.baseq(&["schema", "show", "phenotpye"]).is(2).says("`phenotype` is near");
    let json = project.baseq(&["schema", "show", "--format", "json"]).is(0);
    let pages: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(pages[0]["name"], "subject");
    project.write(
        "model.bq",
        &std::fs::read_to_string(model()).unwrap().replace("site         : text?", "place : text?"),
    );
    project.write("baseq.toml", &project.read("baseq.toml").replace("\"genomics\"", "\"model.bq\""));
    let broken = project.baseq(&["schema", "check"]).is(1);
    assert!(broken.stdout.contains("subject: the column place is missing"), "{}", broken.stdout);
}

fn model() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../stdlib/models/genomics.bq")
}

#[test]
fn a_closed_pipe_is_quiet() {
    let project = Project::loaded();
    project.write("queries/by_sex.bq", BY_SEX);
    let mut child = project
        .command(&["sql", "queries/by_sex.bq"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(said, "");
}

#[test]
fn dry_run_explain_and_json() {
    let project = Project::loaded();
    project.write("queries/by_sex.bq", BY_SEX);
    let dry = project.baseq(&["run", "queries/by_sex.bq", "--dry-run"]).is(0);
    assert!(
        dry.stdout.contains("guard subject via subject") && dry.stdout.contains("reads subject.sex (quasi)"),
        "{}",
        dry.stdout
    );
    assert!(!project.baseq(&["activity"]).is(0).stdout.contains("question"));
    let why = project.baseq(&["check", "queries/by_sex.bq", "--explain-policy"]).is(0);
    assert!(why.stdout.contains("by policy/example.bq:"), "{}", why.stdout);
    let page = project.baseq(&["explain", "e0805"]).is(0);
    assert!(page.stdout.starts_with("# E0805"), "{}", page.stdout);
    let sql = project.baseq(&["sql", "queries/by_sex.bq", "--format", "json"]).is(0);
    let all: serde_json::Value = serde_json::from_str(&sql.stdout).unwrap();
    assert_eq!(all[0]["table"], "by_sex");
    assert!(project.root().is_dir());
}

/// Bytes of the SQL lead to bytes of the program, and the comments beside the SQL leave it what it is.
#[test]
fn the_source_map_leads_from_the_sql_to_the_program() {
    let project = Project::loaded();
    project.write("queries/by_sex.bq", BY_SEX);
    let sql = project.baseq(&["sql", "queries/by_sex.bq", "--map", "--format", "json"]).is(0);
    let all: serde_json::Value = serde_json::from_str(&sql.stdout).unwrap();
    let text = all[0]["sql"].as_str().unwrap();
    let part = |text: &str, one: &serde_json::Value| {
        let end = |name: &str| usize::try_from(one[name].as_u64().unwrap()).unwrap();
        text[end("from")..end("to")].to_owned()
    };
    let map = all[0]["map"].as_array().unwrap();
    let people = map.iter().find(|one| part(BY_SEX, &one["query"]).contains("count(subjects)")).unwrap();
    assert!(part(text, &people["sql"]).starts_with("count(DISTINCT "), "{people}");
    let steps = map.iter().filter_map(|one| Some((one["step"].as_str()?, part(text, &one["sql"]))));
    assert!(steps.clone().count() > 3);
    for (step, sql) in steps {
        assert!(sql.contains(&format!("\"{step}\"")) && sql.ends_with(')'), "{step}: {sql}");
    }
    let beside = project.baseq(&["sql", "queries/by_sex.bq", "--map"]).is(0).stdout;
    let bare = |text: &str| {
        let lines = text.lines().map(|line| line.split("  -- (").next().unwrap_or(line));
        // The two were made in two moments, and each names the one until which consent is known.
        let known_at = |line: &str| match line.split_once("\"recorded_at\" <= TIMESTAMP '") {
            Some((before, time)) => format!("{before}known at{}", &time["2026-01-01 00:00:00".len()..]),
            None => line.to_owned(),
        };
        let lines = lines.filter(|line| !line.starts_with("--")).map(known_at);
        lines.collect::<Vec<_>>().join("\n")
    };
    assert_eq!(bare(&beside), bare(text));
}

#[test]
fn names_of_alleles_are_pinned_when_a_program_uses_them() {
    let project = Project::loaded();
    project.write(
        "small.vcf",
        "##fileformat=VCFv4.2\n##contig=<ID=22,length=51304566>\n\
         ##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype\">\n\
         #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ts000\ts001\n\
         22\t20000000\trs777\tA\tG\t.\tPASS\t.\tGT\t0/1\t0/0\n",
    );
    project.baseq(&["load", "vcf", "small.vcf"]).is(0);
    let program = "use agreement \"EXAMPLE\"\nas of 2026-01-01\n\
                   table t = from variants where variant in rs777 show variant\n";
    project.write("queries/rs.bq", program);
    project.baseq(&["check", "queries/rs.bq"]).is(1).says("rs777");
    let pulled = project.baseq(&["schema", "pull"]).is(0);
    assert!(
        pulled.stdout.contains("named alleles: 1 ") && pulled.stdout.contains("GRCh37"),
        "{}",
        pulled.stdout
    );
    // Now it is known, and only the agreement is against it.
    project.baseq(&["check", "queries/rs.bq"]).is(3).says("does not grant `call`");
}

/// The command line holds over a file, a file over the settings; a mistake is told of its place.
#[test]
fn values_of_parameters_from_files() {
    let project = Project::new();
    project.write("queries/p.bq", "param n: int\ncohort c = from subjects where at least n samples\n");
    let settings = std::fs::read_to_string(project.path("baseq.toml")).unwrap();
    let check = ["check", "queries/p.bq"];
    project.baseq(&check).is(1).says("has no value");
    project.write("baseq.toml", &format!("{settings}\n[params]\nn = \"some\"\nother = 1\n"));
    project.baseq(&check).is(1).says("given in baseq.toml, under [params]");
    project.write("strict.toml", "# of the paper\nn = \"many\"\n");
    let with_file = ["check", "queries/p.bq", "--params", "strict.toml"];
    project.baseq(&with_file).is(1).says("given in strict.toml, line 2");
    // Now the program is right, and what is left is that no agreement is named.
    project.baseq(&[&with_file[..], &["--param", "n=2"]].concat()).is(3);
    project.write("strict.toml", "m = 2\n");
    project.baseq(&[&with_file[..], &["--param", "n=2"]].concat()).is(1).says("no parameter `m`");
    project.baseq(&["check", "queries/p.bq", "--params", "none.toml"]).is(2).says("none.toml");
}
