//! The files of a warehouse of chance, as a steward would load them.
//!
//! Alleles, their effects and public releases are those of `warehouses/small`, so that programs can name them;
//! people, what is known of them, their calls and their consent are drawn. Values lie on each other's
//! edges: birthdays on leap days and on the day of the question, several rows on one day, days that are not
//! known, units that cannot be compared, half calls, copies where none are expected.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

use super::Chance;
use super::known::{DAYS, DIAGNOSES, DRUGS, LOTS, SITES, TERMS};
use crate::interference::Hidden;

/// Files of `warehouses/small` that say nothing of people.
const PUBLIC: [&str; 6] =
    ["gene.csv", "gnomad.vcf", "clinvar-2024.vcf", "clinvar-2025.vcf", "hp.obo", "names.bq"];

/// Ways in which a person may not be read on 2025-06-01 for research in general, whatever the question's date.
const REFUSALS: [&str; 9] =
    ["never", "withdrew", "ended", "other use", "suspended", "void", "denied", "no scope", "came of age"];

/// How many people a warehouse has.
const PEOPLE: usize = 44;

/// Writes the files into a folder and says who may not be read.
pub(crate) fn write(folder: &Path, chance: &mut Chance) -> io::Result<Hidden> {
    let small = Path::new(env!("CARGO_MANIFEST_DIR")).join("warehouses/small");
    for file in PUBLIC {
        fs::copy(small.join(file), folder.join(file))?;
    }
    let mut world = World::default();
    for number in 0..PEOPLE {
        world.person(number, chance);
    }
    world.trios(chance);
    world.calls(&fs::read_to_string(small.join("first.vcf"))?, chance);
    let mut second = World { samples: world.samples.split_off(world.samples.len() - 3), ..World::default() };
    second.calls(&fs::read_to_string(small.join("second.vcf"))?, chance);
    fs::copy(small.join("second.bed"), folder.join("second.bed"))?;
    fs::write(folder.join("second.vcf"), second.first_vcf)?;
    for (name, head, rows) in [
        (
            "subject",
            "subject_id,family,sex,karyotype,birth_date,birth_year,death_date,ancestry,site,unrelated,father_id,mother_id",
            &world.subject,
        ),
        ("observation", "observation_id,subject_id,started,ended", &world.observation),
        ("enrolment", "enrolment_id,subject_id,site,started,ended", &world.enrolment),
        (
            "phenotype",
            "phenotype_id,subject_id,term,excluded,onset_earliest_days,onset_latest_days,recorded_on",
            &world.phenotype,
        ),
        ("diagnosis", "diagnosis_id,subject_id,code,date", &world.diagnosis),
        ("treatment", "treatment_id,subject_id,drug,started,ended,dose,dose_unit", &world.treatment),
        ("measurement", "measurement_id,subject_id,code,value,unit,date", &world.measurement),
        (
            "sample",
            "sample_id,subject_id,collected_on,sequenced_on,kit_lot,mean_coverage,call_rate,qc_passed",
            &world.sample,
        ),
        ("trio", "proband_id,father_id,mother_id", &world.trio),
        (
            "finding",
            "finding_id,subject_id,variant_id,gene,zygosity,classification,status,reported_on",
            &world.finding,
        ),
        (
            "consent_event",
            "event_id,subject_id,sample_id,kind,actor,effective_from,effective_until,recorded_at,withdrawal_level,supersedes",
            &world.event,
        ),
        (
            "consent_scope",
            "event_id,branch,polarity,term,disease,region,until_date,party,project",
            &world.scope,
        ),
    ] {
        fs::write(folder.join(format!("{name}.csv")), format!("{head}\n{rows}"))?;
    }
    fs::write(folder.join("first.vcf"), world.first_vcf)?;
    Ok(world.hidden)
}

/// The rows of each file as they grow.
#[derive(Default)]
struct World {
    subject: String,
    observation: String,
    enrolment: String,
    phenotype: String,
    diagnosis: String,
    treatment: String,
    measurement: String,
    sample: String,
    trio: String,
    finding: String,
    event: String,
    scope: String,
    first_vcf: String,
    samples: Vec<String>,
    hidden: Hidden,
    rows: usize,
}

impl World {
    fn id(&mut self, prefix: &str) -> String {
        self.rows += 1;
        format!("{prefix}{}", self.rows)
    }

    fn person(&mut self, number: usize, chance: &mut Chance) {
        let id = format!("p{number:02}");
        // Somebody who came of age without a consent of their own has a birthday that says so.
        let refusal = chance.percent(34).then(|| chance.pick(&REFUSALS));
        let child = refusal == Some("came of age");
        let birth = match chance.below(8) {
            _ if child => "2004-02-29".to_owned(),
            0 => String::new(),
            1 => "1984-02-29".to_owned(),
            2 => "2006-07-01".to_owned(),
            3 => "2024-09-15".to_owned(),
            _ => format!(
                "{}-{:02}-{:02}",
                chance.between(1935, 2005),
                chance.between(1, 12),
                chance.between(1, 28)
            ),
        };
        let year = match birth.get(..4) {
            Some(year) => year.to_owned(),
            None if chance.percent(50) => chance.between(1940, 1990).to_string(),
            None => String::new(),
        };
        let sex = chance.pick(&["female", "female", "male", "male", "unknown"]);
        let karyotype = chance.pick(&["", "", "", "", "", "XX", "XY", "XO", "XXY"]);
        let death = if chance.percent(15) { day(chance) } else { String::new() };
        let ancestry = chance.pick(&["EUR", "EUR", "AFR", "EAS", ""]);
        let site = chance.pick(&SITES);
        let unrelated = chance.pick(&["true", "true", "false", ""]);
        let parent = |chance: &mut Chance| {
            if number > 8 && chance.percent(25) {
                format!("p{:02}", chance.below(number))
            } else {
                String::new()
            }
        };
        let (father, mother) = (parent(chance), parent(chance));
        let family = chance.pick(&["Ash", "Beech", "Rowan", "Ash"]);
        let _ = writeln!(
            self.subject,
            "{id},{family},{sex},{karyotype},{birth},{year},{death},{ancestry},{site},{unrelated},{father},{mother}"
        );
        self.consent(&id, refusal, chance);
        for _ in 0..chance.below(3) {
            let (row, from, until) = (self.id("o"), day(chance), day(chance));
            let until = if until < from || chance.percent(30) { String::new() } else { until };
            let _ = writeln!(self.observation, "{row},{id},{from},{until}");
        }
        for _ in 0..chance.below(3) {
            let (row, from, until) = (self.id("r"), day(chance), day(chance));
            let until = if until < from || chance.percent(30) { String::new() } else { until };
            let site = chance.pick(&SITES);
            let _ = writeln!(self.enrolment, "{row},{id},{site},{from},{until}");
        }
        for _ in 0..chance.below(4) {
            let (row, term) = (self.id("f"), chance.pick(&TERMS));
            let excluded = chance.percent(35);
            let recorded = undated(chance);
            let low = chance.between(0, 9000);
            let onset = if chance.percent(50) {
                format!("{low},{}", low + chance.between(0, 400))
            } else {
                ",".to_owned()
            };
            let _ = writeln!(self.phenotype, "{row},{id},{term},{excluded},{onset},{recorded}");
        }
        for _ in 0..chance.below(4) {
            let (row, code, on) = (self.id("d"), chance.pick(&DIAGNOSES), undated(chance));
            let _ = writeln!(self.diagnosis, "{row},{id},{code},{on}");
        }
        for _ in 0..chance.below(4) {
            let (row, drug, from, until) = (self.id("t"), chance.pick(&DRUGS), undated(chance), day(chance));
            let until = if until < from || chance.percent(40) { String::new() } else { until };
            let (dose, unit) = match chance.below(5) {
                0 => (String::new(), ""),
                1 => ("0.5".to_owned(), "g"),
                2 => ("10".to_owned(), "[iU]"),
                3 => (chance.between(1, 4).to_string(), ""),
                _ => ((chance.between(1, 4) * 250).to_string(), "mg"),
            };
            let _ = writeln!(self.treatment, "{row},{id},{drug},{from},{until},{dose},{unit}");
        }
        for _ in 0..chance.below(6) {
            let (row, on) = (self.id("m"), undated(chance));
            let (code, value, unit) = match chance.below(7) {
                0 => ("LOINC:59261-8", chance.between(40, 60).to_string(), "mmol/mol"),
                1 => ("LOINC:2093-3", chance.between(3, 9).to_string(), "mmol/L"),
                2 => ("LOINC:29463-7", chance.between(50, 90).to_string(), "kg"),
                3 => ("LOINC:29463-7", (chance.between(50, 90) * 1000).to_string(), "g"),
                4 => ("LOINC:4548-4", "7.0".to_owned(), ""),
                5 => ("LOINC:4548-4", String::new(), "%"),
                _ => ("LOINC:4548-4", format!("{}.{}", chance.between(5, 8), chance.below(10)), "%"),
            };
            let _ = writeln!(self.measurement, "{row},{id},{code},{value},{unit},{on}");
        }
        for _ in 0..chance.pick(&[0, 1, 1, 1, 2]) {
            self.a_sample(&id, refusal.is_some(), chance);
        }
        for _ in 0..chance.below(2) {
            let row = self.id("i");
            let class = chance.pick(&["benign", "uncertain", "uncertain", "pathogenic"]);
            let (allele, on, status) =
                (chance.between(1, 4), undated(chance), chance.pick(&["causative", "candidate"]));
            let _ = writeln!(self.finding, "{row},{id},{allele},MYH7,heterozygous,{class},{status},{on}");
        }
        if child {
            self.hidden.by_age.push(id.clone());
        }
        if refusal.is_some() {
            self.hidden.people.push(id);
        }
    }

    fn a_sample(&mut self, person: &str, refused: bool, chance: &mut Chance) {
        let id = self.id("s");
        // No two samples of a person are of one day: which is chosen would be a tie.
        let collected =
            format!("20{}-{:02}-{:02}", 20 + self.rows % 5, 1 + self.rows % 12, 1 + self.rows % 28);
        let lot = chance.pick(&LOTS);
        let coverage = if chance.percent(15) { String::new() } else { chance.between(10, 60).to_string() };
        let rate = chance.pick(&["0.99", "0.95", "0.9", ""]);
        let passed = chance.pick(&["true", "true", "true", "false"]);
        let sequenced = day(chance);
        let _ =
            writeln!(self.sample, "{id},{person},{collected},{sequenced},{lot},{coverage},{rate},{passed}");
        self.samples.push(id.clone());
        // Some took back a sample and stay with all else.
        if !refused && chance.percent(10) {
            let event = self.id("e");
            let _ = writeln!(
                self.event,
                "{event},{person},{id},withdraw,self,2021-01-01,,2021-01-01T00:00:00Z,use,"
            );
            self.hidden.samples.push(id);
        }
    }

    /// What a person decided. Those who may be read have several kinds of consent as well.
    fn consent(&mut self, person: &str, refusal: Option<&str>, chance: &mut Chance) {
        let grant = self.id("e");
        let mut event = |id: &str, kind: &str, actor: &str, from: &str, until: &str, more: &str| {
            let _ = writeln!(
                self.event,
                "{id},{person},,{kind},{actor},{from},{until},2022-01-01T00:00:00Z,{more}"
            );
        };
        let later = format!("{grant}b");
        let mut term = Some("DUO:0000042");
        match refusal {
            None => match chance.below(6) {
                // What is dated from a day on may not be read.
                0 => {
                    event(&grant, "grant", "self", "2015-01-01", "", ",");
                    event(
                        &later,
                        "withdraw",
                        "self",
                        chance.pick(&["2022-05-05", "2024-01-01"]),
                        "",
                        "access,",
                    );
                }
                1 => {
                    event(&grant, "grant", "self", "2015-01-01", "", ",");
                    event(&later, "withdraw", "self", "2020-01-01", "", "contact,");
                }
                2 => {
                    event(&grant, "withdraw", "self", "2014-01-01", "", "use,");
                    event(&later, "grant", "self", "2014-06-01", "2035-01-01", ",");
                    let _ = writeln!(self.scope, "{later},1,permit,DUO:0000004,,,,,");
                }
                3 => {
                    event(&grant, "grant", "self", "2015-01-01", "", ",");
                    let _ = writeln!(self.scope, "{grant},1,permit,DUO:0000046,,,,,");
                }
                _ => event(&grant, "grant", "self", "2015-01-01", "", ","),
            },
            Some("never") => return,
            Some("withdrew") => {
                event(&grant, "grant", "self", "2015-01-01", "", ",");
                event(
                    &later,
                    "withdraw",
                    "self",
                    chance.pick(&["2016-01-01", "2024-03-01", "2025-05-31"]),
                    "",
                    "use,",
                );
            }
            Some("ended") => {
                event(&grant, "grant", "self", "2015-01-01", chance.pick(&["2024-07-01", "2025-06-01"]), ",");
            }
            Some("other use") => {
                term = Some("DUO:0000011");
                event(&grant, "grant", "self", "2015-01-01", "", ",");
            }
            Some("suspended") => {
                event(&grant, "grant", "self", "2015-01-01", "", ",");
                event(&later, "suspend", "self", "2024-02-29", "", ",");
            }
            Some("void") => {
                event(&grant, "grant", "self", "2015-01-01", "", ",");
                event(&later, "void", "system", "2015-01-01", "", &format!(",{grant}"));
            }
            Some("denied") => {
                event(&grant, "grant", "self", "2015-01-01", "", ",");
                let _ = writeln!(self.scope, "{grant},2,deny,DUO:0000042,,,,,");
            }
            Some("no scope") => {
                term = None;
                event(&grant, "grant", "self", "2015-01-01", "", ",");
            }
            Some(_) => event(&grant, "grant", "guardian", "2015-01-01", "", ","),
        }
        if let Some(term) = term {
            let _ = writeln!(self.scope, "{grant},1,permit,{term},,,,,");
        }
    }

    /// Children with parents of every kind of consent.
    fn trios(&mut self, chance: &mut Chance) {
        for child in 20..26 {
            let (father, mother) = (chance.below(10), 10 + chance.below(10));
            let _ = writeln!(self.trio, "p{child:02},p{father:02},p{mother:02}");
        }
    }

    /// A call of everybody at every record of a VCF.
    fn calls(&mut self, text: &str, chance: &mut Chance) {
        for line in text.lines() {
            let fields: Vec<&str> = line.split('\t').collect();
            match (line.starts_with("##"), line.starts_with('#'), fields.get(..9), fields.get(4)) {
                (true, ..) => self.first_vcf.push_str(line),
                (_, true, Some(fixed), _) => {
                    let _ = write!(self.first_vcf, "{}\t{}", fixed.join("\t"), self.samples.join("\t"));
                }
                (_, _, Some(fixed), Some(alternates)) => {
                    self.first_vcf.push_str(&fixed.join("\t"));
                    let alleles = alternates.split(',').count();
                    for _ in 0..self.samples.len() {
                        let _ = write!(self.first_vcf, "\t{}", call(fixed[0], alleles, chance));
                    }
                }
                _ => {}
            }
            self.first_vcf.push('\n');
        }
    }
}

fn call(contig: &str, alleles: usize, chance: &mut Chance) -> String {
    let allele = |chance: &mut Chance| match chance.below(10) {
        0 => ".".to_owned(),
        1..=5 => "0".to_owned(),
        _ => (1 + chance.below(alleles)).to_string(),
    };
    let one = contig == "MT" || (matches!(contig, "X" | "Y") && chance.percent(40));
    let first = allele(chance);
    if one { first } else { format!("{first}{}{}", chance.pick(&["/", "/", "|"]), allele(chance)) }
}

/// A day, often one that others have too.
fn day(chance: &mut Chance) -> String {
    if chance.percent(60) {
        return chance.pick(&DAYS).to_owned();
    }
    format!("{}-{:02}-{:02}", chance.between(2019, 2025), chance.between(1, 12), chance.between(1, 28))
}

/// A day, or none.
fn undated(chance: &mut Chance) -> String {
    if chance.percent(8) { String::new() } else { day(chance) }
}
