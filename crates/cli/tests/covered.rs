//! Two call sets of which each looked at what the other did not: absence has a meaning only where a
//! reference block or a record says that somebody looked.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

const HEADER: &str = "##fileformat=VCFv4.2\n\
    ##contig=<ID=chr1,length=248956422>\n\
    ##contig=<ID=chr2,length=242193529>\n\
    ##ALT=<ID=NON_REF,Description=\"any other\">\n\
    ##INFO=<ID=END,Number=1,Type=Integer,Description=\"end\">\n\
    ##FORMAT=<ID=GT,Number=1,Type=String,Description=\"genotype\">\n";

const POLICY: &str = "agreement \"OPEN\" version 1 {\n\
    recipient \"Everyone\"\n purpose GENERAL\n valid 2020-01-01\n\
    may test subject (sex), sample, call (call)\n may show variant\n level aggregate\n\
    release { min subjects 5, round to 1, zeros shown, frequency min subjects 5, allele min carriers 1, margin 100% }\n\
    formats csv\n}\n";

const PROGRAM: &str = "use agreement \"OPEN\"\nas of 2024-01-01\n\
    table seen = from variants frequency among subjects show variant, ac, an, missing, people\n";

/// At 1500 the first call set has no record: three of its people lie in a reference block and count
/// as reference, the fourth was not called there and is missing. At 1000 the second call set has
/// neither record nor block: its four people are missing.
#[test]
fn who_was_looked_at_without_a_record_is_reference_and_nobody_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    baseq(path, &["init", "."]);
    fs::write(path.join("policy/example.bq"), POLICY).expect("written");
    fs::write(path.join("queries/by_sex.bq"), PROGRAM).expect("written");
    let columns =
        |samples: &str| format!("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{samples}\n");
    let first = HEADER.to_owned()
        + &columns("S0\tS1\tS2\tS3")
        + "chr1\t1000\t.\tA\tG,<NON_REF>\t.\tPASS\t.\tGT\t0/1\t0/0\t0/0\t0/0\n"
        + "chr1\t1001\t.\tC\t<NON_REF>\t.\t.\tEND=2000\tGT\t0/0\t0/0\t0/0\t./.\n";
    let second = HEADER.to_owned()
        + &columns("S4\tS5\tS6\tS7")
        + "chr1\t1500\t.\tT\tC\t.\tPASS\t.\tGT\t0/1\t1/1\t0/0\t./.\n";
    fs::write(path.join("first.g.vcf"), first).expect("written");
    fs::write(path.join("second.vcf"), second).expect("written");
    let mut events = "event_id,subject_id,sample_id,kind,actor,effective_from,effective_until,recorded_at,\
                      withdrawal_level,supersedes\n"
        .to_owned();
    let mut scopes = "event_id,branch,polarity,term,disease,region,until_date,party,project\n".to_owned();
    for person in 0..8 {
        writeln!(events, "E{person},S{person},,grant,self,2010-01-01,,2010-01-01T00:00:00Z,,")
            .expect("a string");
        writeln!(scopes, "E{person},1,permit,DUO:0000004,,,,,").expect("a string");
    }
    fs::write(path.join("events.csv"), events).expect("written");
    fs::write(path.join("scopes.csv"), scopes).expect("written");
    baseq(path, &["load", "vcf", "first.g.vcf", "--create-samples", "--name", "first"]);
    baseq(path, &["load", "vcf", "second.vcf", "--create-samples", "--name", "second"]);
    baseq(path, &["load", "consent", "--events", "events.csv", "--scopes", "scopes.csv"]);
    baseq(path, &["policy", "install"]);
    baseq(path, &["schema", "pull"]);
    let rows = baseq(path, &["run", "queries/by_sex.bq", "--as", "csv"]);
    let lines: Vec<&str> = rows.lines().collect();
    assert_eq!(
        lines,
        ["variant,ac,an,missing,people", "GRCh38:1:1000:A:G,1,8,4,8", "GRCh38:1:1500:T:C,3,12,2,8"]
    );
}

fn baseq(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_baseq"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the binary runs");
    assert!(
        output.status.success(),
        "baseq {}: {}",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("UTF-8")
}
