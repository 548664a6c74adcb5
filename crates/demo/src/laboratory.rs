//! Samples, their quality figures, sequencing runs and pipeline runs.
//!
//! One kit lot is bad: less coverage, lower call rates, more missing calls, and of most heterozygotes only one
//! allele is read, so that its frequencies depart. Families were spared it. Some people have an older sample
//! that failed and was drawn again; both are in the VCF files. Two campaigns collected many samples within a
//! few months, so that months can be told apart.

use crate::day::{Day, END};
use crate::file::{Table, decimal};
use crate::people::Person;
use crate::random::Random;
use std::io;
use std::path::Path;

/// A sample of a person.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub id: String,
    pub person: usize,
    pub collected: Day,
    pub sequenced: Day,
    /// Its place in [`LOTS`].
    pub lot: usize,
    pub passed: bool,
}

const LOTS: [&str; 8] = ["K-101", "K-102", "K-103", "K-104", "K-105", "K-106", "K-107", "K-108"];
/// The lot that went wrong.
const BAD: usize = 4;

impl Sample {
    /// Whether one of two different alleles is often not read.
    pub(crate) fn loses_alleles(&self) -> bool {
        self.lot == BAD
    }

    /// How many times as many calls as usual are missing.
    pub(crate) fn missing_factor(&self) -> u32 {
        match (self.lot == BAD, self.passed) {
            (_, false) => 25,
            (true, true) => 6,
            (false, true) => 1,
        }
    }
}

/// Everybody's samples, by person: one, and for some an older one before it.
pub(crate) fn samples(seed: u64, people: &[Person]) -> Vec<Sample> {
    let mut random = Random::of(seed, "samples");
    let mut samples = Vec::with_capacity(people.len() + people.len() / 40);
    for (at, person) in people.iter().enumerate() {
        let first = person.enrolled.max(Day::of(2019, 2, 1));
        let alone = person.family == person.id;
        let collected = match random.below(10) {
            0 | 1 if alone => first.max(Day::of(2022, 1, 20)).plus(random.between(0, 160)),
            2..5 if alone => first.max(Day::of(2024, 1, 20)).plus(random.between(0, 150)),
            _ => first.plus(random.between(0, 1_900)),
        };
        let collected = collected.min(END.plus(-90));
        let twice = random.below(60) == 0;
        if twice {
            let before = collected.plus(-random.between(80, 300));
            samples.push(sample(&mut random, person, at, 1, before, false));
        }
        let passed = twice || !random.percent(2);
        samples.push(sample(&mut random, person, at, if twice { 2 } else { 1 }, collected, passed));
    }
    samples
}

fn sample(random: &mut Random, person: &Person, at: usize, nth: u32, collected: Day, passed: bool) -> Sample {
    let collected = collected.max(person.birth.plus(3));
    let sequenced = collected.plus(random.between(7, 75));
    let id = format!("S{}-{nth}", &person.id[1..]);
    // Lots follow each other in time, each used for a while beside the next.
    let since = sequenced.since(Day::of(2019, 2, 1)).max(0);
    let lot = usize::try_from(since / 270).unwrap_or(0) + usize::from(random.percent(30));
    let spared = lot == BAD && person.family != person.id;
    let lot = if spared { BAD - 1 } else { lot.min(LOTS.len() - 1) };
    Sample { id, person: at, collected, sequenced, lot, passed }
}

/// Writes samples, runs and analyses into a folder.
pub(crate) fn write(folder: &Path, seed: u64, people: &[Person], samples: &[Sample]) -> io::Result<()> {
    let mut random = Random::of(seed, "laboratory");
    let mut sheet = Table::new(
        &folder.join("sample.csv"),
        &[
            "sample_id",
            "subject_id",
            "collected_on",
            "origin",
            "status",
            "sequenced_on",
            "kit_lot",
            "pipeline_version",
            "mean_coverage",
            "ti_tv",
            "call_rate",
            "qc_passed",
        ],
    )?;
    let mut runs = Table::new(
        &folder.join("run.csv"),
        &[
            "run_id",
            "sample_id",
            "run_date",
            "platform",
            "platform_model",
            "library_strategy",
            "library_source",
            "library_layout",
        ],
    )?;
    let mut analyses = Table::new(
        &folder.join("analysis.csv"),
        &[
            "analysis_id",
            "sample_id",
            "run_id",
            "analysis_date",
            "pipeline_name",
            "pipeline_ref",
            "aligner",
            "variant_caller",
        ],
    )?;
    for sample in samples {
        let version = match sample.sequenced.year() {
            ..=2020 => "1.4",
            2021 => "2.0",
            2022.. => "2.1",
        };
        let bad = sample.missing_factor() > 1;
        let coverage = if sample.passed {
            random.around(if bad { 290 } else { 355 }, 55)
        } else {
            random.around(150, 60)
        };
        let ti_tv = random.around(if bad { 200 } else { 207 }, 7);
        let call_rate = if sample.passed {
            9_960 - random.between(0, if bad { 350 } else { 60 })
        } else {
            8_900 - random.between(0, 900)
        };
        sheet.row([
            &sample.id,
            &people[sample.person].id,
            &sample.collected.to_string(),
            if random.percent(9) { "saliva" } else { "blood" },
            if sample.passed { "released" } else { "failed" },
            &sample.sequenced.to_string(),
            LOTS[sample.lot],
            version,
            &decimal(coverage, 1),
            &decimal(ti_tv, 2),
            &decimal(call_rate, 4),
            if sample.passed { "true" } else { "false" },
        ])?;
        let run = format!("R{}", &sample.id[1..]);
        let day = sample.sequenced.to_string();
        let model = if sample.sequenced.year() < 2023 { "NovaSeq 6000" } else { "NovaSeq X Plus" };
        runs.row([&run, &sample.id, &day, "Illumina", model, "WGS", "GENOMIC", "PAIRED"])?;
        let finished = sample.sequenced.plus(random.between(2, 12)).to_string();
        analyses.row([
            &format!("A{}", &sample.id[1..]),
            &sample.id,
            &run,
            &finished,
            "germline",
            version,
            "bwa-mem2 2.2.1",
            if version == "1.4" { "GATK 4.1" } else { "DeepVariant 1.5" },
        ])?;
    }
    sheet.close()?;
    runs.close()?;
    analyses.close()
}
