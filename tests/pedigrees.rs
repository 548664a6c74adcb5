//! Modes of inheritance on made pedigrees, counted through the language and again here.
//!
//! Sixty families with missing, unrecorded and unpermitted parents, brothers and sisters, and some
//! three hundred alleles on an autosome, on X, Y and the mitochondria, are written as a VCF with missing
//! and half calls, low and unknown depths, and phase. What `inherited` finds of them is held against plain
//! loops over the same text that know nothing of the compiler or of the library's definitions.

#![expect(clippy::panic, reason = "a test says what it found")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use engine::Store;
use engine_duckdb::ReaderOptions;
use jiff::civil::Date;
use load::source::{Rejects, Silent};
use release::{ReleasedValue, Rules, Terms, Zeros};
use session::{Clock, Project, Session, Settings};
use tempfile::TempDir;

const USED_ON: Date = Date::constant(2025, 6, 1);
/// Reads below which a genotype is not known.
const DEPTH: i64 = 10;

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn percent(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Where {
    Autosome,
    X,
    Par,
    Y,
    Mt,
}

struct Site {
    place: Where,
    contig: &'static str,
    position: u64,
    gene: String,
}

#[expect(clippy::struct_excessive_bools, reason = "independent facts of a person")]
struct Person {
    id: String,
    family: usize,
    male: bool,
    mother: Option<String>,
    father: Option<String>,
    affected: bool,
    permitted: bool,
    sampled: bool,
    /// Per site: the copies from the mother and from the father; in a founder, from anybody.
    copies: Vec<(bool, bool)>,
}

/// What was made: people, sites, and the cell of each sample at each site as it stands in the VCF.
struct Made {
    people: Vec<Person>,
    sites: Vec<Site>,
    cells: BTreeMap<(usize, String), String>,
}

fn sites() -> Vec<Site> {
    let mut sites = Vec::new();
    let mut add = |place, contig, start: u64, count: u64, genes: &str| {
        for number in 0..count {
            // Three alleles to a gene.
            let gene = format!("{genes}{}", number / 3);
            sites.push(Site { place, contig, position: start + 100 * number, gene });
        }
    };
    add(Where::Autosome, "1", 1_000, 180, "AUT");
    add(Where::Par, "X", 100_000, 15, "PAR");
    add(Where::X, "X", 5_000_000, 75, "XCH");
    add(Where::Y, "Y", 6_000_000, 15, "YCH");
    add(Where::Mt, "MT", 500, 15, "MIT");
    sites
}

fn make() -> Made {
    let sites = sites();
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut people = Vec::new();
    for family in 0..60 {
        let founder = |dice: &mut Dice, male: bool, name: &str| {
            let copies = sites.iter().map(|_| (dice.percent(12), dice.percent(12))).collect();
            Person {
                id: format!("f{family}{name}"),
                family,
                male,
                mother: None,
                father: None,
                affected: dice.percent(15),
                permitted: !dice.percent(10),
                sampled: !dice.percent(10),
                copies,
            }
        };
        let mother = founder(&mut dice, false, "m");
        let father = founder(&mut dice, true, "f");
        let children = 1 + dice.next() % 3;
        // In one family of six the father was never recorded.
        let known_father = !dice.percent(16);
        for number in 0..children {
            let copies = (0..sites.len())
                .map(|site| {
                    let pick = |dice: &mut Dice, of: &Person| {
                        let (one, other) = of.copies[site];
                        if dice.percent(50) { one } else { other }
                    };
                    let mut from = (pick(&mut dice, &mother), pick(&mut dice, &father));
                    // Something new now and then.
                    from.0 |= dice.percent(2);
                    from.1 |= dice.percent(1);
                    from
                })
                .collect();
            people.push(Person {
                id: format!("f{family}c{number}"),
                family,
                male: dice.percent(50),
                mother: Some(mother.id.clone()),
                father: known_father.then(|| father.id.clone()),
                affected: number == 0 || dice.percent(30),
                permitted: !dice.percent(5),
                sampled: !dice.percent(5),
                copies,
            });
        }
        people.push(mother);
        if known_father {
            people.push(father);
        }
    }
    let mut cells = BTreeMap::new();
    for (at, site) in sites.iter().enumerate() {
        for person in people.iter().filter(|person| person.sampled) {
            let cell = written(&mut dice, site, person, at);
            cells.insert((at, person.id.clone()), cell);
        }
    }
    Made { people, sites, cells }
}

/// `GT:DP:PS` of a person at a site.
fn written(dice: &mut Dice, site: &Site, person: &Person, at: usize) -> String {
    let digit = |copy: bool| if copy { "1" } else { "0" };
    let (one, other) = person.copies[at];
    let (mut genotype, mut set) = (String::new(), ".".to_owned());
    match (site.place, person.male) {
        (Where::Y, false) => genotype += ".",
        (Where::X, true) | (Where::Mt, _) => genotype += digit(one),
        (Where::Y, true) => genotype += digit(other),
        (Where::Autosome | Where::Par, _) | (Where::X, false) => {
            // A third of the families is phased, half of these in sets.
            let phased = person.family.is_multiple_of(3);
            let _ = write!(genotype, "{}{}{}", digit(one), if phased { '|' } else { '/' }, digit(other));
            if phased && person.family.is_multiple_of(2) {
                set = (at / 9 + 1).to_string();
            }
        }
    }
    if dice.percent(3) {
        genotype = if genotype.len() == 1 { ".".into() } else { "./.".into() };
    } else if genotype.len() == 3 && dice.percent(3) {
        genotype.replace_range(2..3, ".");
    }
    let depth = match dice.next() % 20 {
        0 => ".".to_owned(),
        1 | 2 => (dice.next() % 10).to_string(),
        _ => (10 + dice.next() % 40).to_string(),
    };
    format!("{genotype}:{depth}:{set}")
}

fn vcf(made: &Made) -> String {
    let mut text = "##fileformat=VCFv4.2\n##reference=GRCh38\n##INFO=<ID=CSQ,Number=.,Type=String,Description=\"Consequence annotations from Ensembl VEP. Format: Allele|Consequence|IMPACT|SYMBOL|Feature_type|Feature|HGVSc|HGVSp|MANE_SELECT|CANONICAL\">\n\
##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype\">\n##FORMAT=<ID=DP,Number=1,Type=Integer,Description=\"Depth\">\n##FORMAT=<ID=PS,Number=1,Type=Integer,Description=\"Phase set\">\n\
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT".to_owned();
    let sampled: Vec<&Person> = made.people.iter().filter(|person| person.sampled).collect();
    for person in &sampled {
        let _ = write!(text, "\ts-{}", person.id);
    }
    text.push('\n');
    for (at, site) in made.sites.iter().enumerate() {
        let Site { contig, position, gene, .. } = site;
        let _ = write!(
            text,
            "{contig}\t{position}\t.\tA\tG\t.\tPASS\tCSQ=G|missense_variant|MODERATE|{gene}|Transcript|T_{gene}|T_{gene}:c.{position}A>G|||YES\tGT:DP:PS"
        );
        for person in &sampled {
            let _ = write!(text, "\t{}", made.cells[&(at, person.id.clone())]);
        }
        text.push('\n');
    }
    text
}

/// A candidate as it is shown: child, gene, mode, phase, certain, segregates, not genotyped, least and
/// greatest position.
type Candidate = (String, String, String, String, String, String, i64, i64, i64);

// ---- by hand ------------------------------------------------------------------------------------

/// A call, as it stands in the text.
struct Call {
    alleles: Vec<Option<u8>>,
    depth: Option<i64>,
    phased: bool,
    set: Option<i64>,
}

fn call(cell: &str) -> Call {
    let mut fields = cell.split(':');
    let genotype = fields.next().expect("GT");
    let depth = fields.next().and_then(|text| text.parse().ok());
    let set = fields.next().and_then(|text| text.parse().ok());
    let alleles = genotype.split(['/', '|']).map(|text| text.parse().ok()).collect();
    Call { alleles, depth, phased: genotype.contains('|'), set }
}

fn expected(place: Where, male: bool) -> u8 {
    match (place, male) {
        (Where::Autosome | Where::Par, _) | (Where::X, false) => 2,
        (Where::X | Where::Y, true) | (Where::Mt, _) => 1,
        (Where::Y, false) => 0,
    }
}

/// How many copies there are, if the call says so for all that are expected.
fn copies(call: &Call, expected: u8) -> Option<u8> {
    let known: Vec<u8> = call.alleles.iter().copied().flatten().collect();
    let ones = known.iter().map(|allele| u8::from(*allele == 1)).sum::<u8>();
    match (expected, known.len(), call.alleles.len()) {
        (2, 2, 2) => Some(ones),
        // One copy written twice is one; two different ones are no call; half a call tells its half.
        (1, 2, 2) if ones == 1 => None,
        (1, 2, 2) => Some(ones / 2),
        (1, 1, _) => Some(ones),
        _ => None,
    }
}

fn deep(call: &Call) -> bool {
    call.depth.is_some_and(|depth| depth >= DEPTH)
}

impl Made {
    fn person(&self, id: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.id == id)
    }

    fn call(&self, site: usize, person: &Person) -> Option<Call> {
        self.cells.get(&(site, person.id.clone())).map(|cell| call(cell))
    }

    /// Copies of a person at a site, as far as they are known from enough reads.
    fn known(&self, site: usize, person: Option<&Person>) -> Option<u8> {
        let person = person.filter(|person| person.permitted)?;
        let call = self.call(site, person).filter(deep)?;
        copies(&call, expected(self.sites[site].place, person.male))
    }

    fn parent(&self, id: Option<&String>) -> Option<&Person> {
        self.person(id?).filter(|person| person.permitted)
    }

    /// Every candidate of every permitted person.
    fn candidates(&self) -> BTreeSet<Candidate> {
        let mut found = BTreeSet::new();
        for child in self.people.iter().filter(|person| person.permitted && person.sampled) {
            let carried: Vec<usize> =
                (0..self.sites.len()).filter(|site| self.carries(*site, child)).collect();
            for site in &carried {
                self.alone(child, *site, &mut found);
            }
            for (at, one) in carried.iter().enumerate() {
                for other in &carried[at + 1..] {
                    if self.sites[*one].gene == self.sites[*other].gene {
                        self.together(child, *one, *other, &mut found);
                    }
                }
            }
        }
        found
    }

    /// Whether at least one copy is known, from any number of reads.
    fn carries(&self, site: usize, child: &Person) -> bool {
        let Some(call) = self.call(site, child) else { return false };
        let one = call.alleles.contains(&Some(1));
        match expected(self.sites[site].place, child.male) {
            2 => one,
            1 => one && copies(&call, 1).is_some(),
            _ => false,
        }
    }

    fn alone(&self, child: &Person, site: usize, found: &mut BTreeSet<Candidate>) {
        let place = self.sites[site].place;
        let own = self.known(site, Some(child));
        let (mother, father) = (self.parent(child.mother.as_ref()), self.parent(child.father.as_ref()));
        let (of_mother, of_father) = (self.known(site, mother), self.known(site, father));
        let has = |copies: Option<u8>| copies.map(|copies| copies > 0);
        let lacks = |copies: Option<u8>| copies.map(|copies| copies == 0);
        // An X that is not paired, or mitochondria: only the mother hands it on.
        let single_x = place == Where::X && child.male;
        let sure = own.map(|_| true);

        let new = match place {
            Where::Mt => lacks(of_mother),
            Where::X if child.male => lacks(of_mother),
            Where::Y => lacks(of_father),
            _ => and(lacks(of_mother), lacks(of_father)),
        };
        // Where the child's own copies are not known well enough on X, it is open who informs.
        let new = if place == Where::X && own.is_none() {
            or(and(None, lacks(of_mother)), and(None, and(lacks(of_mother), lacks(of_father))))
        } else {
            new
        };
        self.judge(child, &[site], "de_novo", "", and(sure, new), found);

        let recessive = if place == Where::Autosome || place == Where::Par {
            and(own.map(|own| own == 2), and(has(of_mother), has(of_father)))
        } else {
            Some(false)
        };
        self.judge(child, &[site], "recessive", "", recessive, found);

        let from = |parent: Option<&Person>, copies: Option<u8>| {
            and(parent.map(|parent| parent.affected), has(copies))
        };
        let from_either = or(from(mother, of_mother), from(father, of_father));
        let dominant = match place {
            Where::Y | Where::Mt => Some(false),
            Where::X if own.is_none() => or(and(None, from(mother, of_mother)), and(None, from_either)),
            _ if single_x => from(mother, of_mother),
            _ => and(own.map(|own| own == 1), from_either),
        };
        self.judge(child, &[site], "dominant", "", dominant, found);

        let both = and(has(of_mother), has(of_father));
        let x_linked = match place {
            Where::X if own.is_none() => or(and(None, has(of_mother)), and(None, both)),
            _ if single_x => has(of_mother),
            Where::X => and(own.map(|own| own == 2), both),
            _ => Some(false),
        };
        self.judge(child, &[site], "x_linked", "", x_linked, found);
    }

    fn together(&self, child: &Person, one: usize, other: usize, found: &mut BTreeSet<Candidate>) {
        let (mother, father) = (self.parent(child.mother.as_ref()), self.parent(child.father.as_ref()));
        let single = |site: usize| {
            let place = self.sites[site].place;
            let fits = matches!(place, Where::Autosome | Where::Par | Where::X);
            // Of a boy's X outside of PAR there is one copy, and nothing to pair.
            let known = self.known(site, Some(child));
            if !fits || (place == Where::X && child.male && known.is_some()) {
                Some(false)
            } else {
                known.map(|own| own == 1)
            }
        };
        let may = and(single(one), single(other));
        if may == Some(false) {
            return;
        }
        let has = |site, parent| self.known(site, parent).map(|copies| copies > 0);
        let from_mother = |site| and(has(site, mother), not(has(site, father)));
        let from_father = |site| and(has(site, father), not(has(site, mother)));
        let apart = or(and(from_mother(one), from_father(other)), and(from_father(one), from_mother(other)));
        let same = or(and(from_mother(one), from_mother(other)), and(from_father(one), from_father(other)));
        let phase = if apart == Some(true) {
            "trio"
        } else if same == Some(true) {
            return;
        } else {
            match self.read(child, one, other) {
                Some(Err(())) => return,
                Some(Ok(how)) => how,
                None => "possible",
            }
        };
        let holds = if phase == "possible" { None } else { may };
        self.judge(child, &[one, other], "compound_het", phase, holds, found);
    }

    /// What phased calls say of two alleles: how they are known to lie apart, or that they do not.
    fn read(&self, child: &Person, one: usize, other: usize) -> Option<Result<&'static str, ()>> {
        let (a, b) = (self.call(one, child)?, self.call(other, child)?);
        if !a.phased || !b.phased || self.sites[one].contig != self.sites[other].contig {
            return None;
        }
        let how = match (a.set, b.set) {
            (Some(a), Some(b)) if a == b => "read",
            (None, None) => "statistics",
            _ => return None,
        };
        let side = |call: &Call| match call.alleles.as_slice() {
            [Some(1), other] if *other != Some(1) => Some(1),
            [other, Some(1)] if *other != Some(1) => Some(2),
            _ => None,
        };
        let (a, b) = (side(&a)?, side(&b)?);
        Some(if a == b { Err(()) } else { Ok(how) })
    }

    /// Writes down a candidate that is not excluded, with what the family says.
    fn judge(
        &self,
        child: &Person,
        sites: &[usize],
        mode: &str,
        phase: &str,
        holds: Option<bool>,
        found: &mut BTreeSet<Candidate>,
    ) {
        if holds == Some(false) {
            return;
        }
        let (mut against, mut silent) = (0, 0);
        let family = self.people.iter().filter(|person| person.permitted && person.family == child.family);
        for person in family {
            let all = |test: &dyn Fn(usize, u8) -> bool| {
                sites
                    .iter()
                    .map(|site| self.known(*site, Some(person)).map(|copies| test(*site, copies)))
                    .fold(Some(true), and)
            };
            let every = |site: usize, copies: u8| {
                copies > 0 && copies == expected(self.sites[site].place, person.male)
            };
            let ill = match mode {
                "recessive" | "x_linked" => all(&every),
                _ => all(&|_, copies| copies > 0),
            };
            match ill {
                None => silent += 1,
                Some(ill) => against += i64::from(ill != person.affected),
            }
        }
        let certain = holds == Some(true);
        let segregates = match (against > 0, certain) {
            (true, _) => "false",
            (false, true) => "true",
            (false, false) => "",
        };
        let position = |site: &usize| i64::try_from(self.sites[*site].position).expect("a position");
        found.insert((
            child.id.clone(),
            self.sites[sites[0]].gene.clone(),
            mode.to_owned(),
            phase.to_owned(),
            certain.to_string(),
            segregates.to_owned(),
            silent,
            sites.iter().map(position).min().expect("a site"),
            sites.iter().map(position).max().expect("a site"),
        ));
    }
}

fn and(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn or(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    not(and(not(a), not(b)))
}

fn not(a: Option<bool>) -> Option<bool> {
    a.map(|a| !a)
}

// ---- through the language -----------------------------------------------------------------------

fn project(root: &Path) -> Project {
    Project { root: root.to_owned(), settings: Settings::default(), declared: true }
}

/// What the program shows, every cell as text.
fn asked(made: &Made, program: &str) -> Vec<Vec<String>> {
    let folder = TempDir::new().expect("a folder");
    let root = folder.path();
    let write = |name: &str, text: &str| fs::write(root.join(name), text).expect("a file");
    fs::create_dir_all(root.join("policy")).expect("a folder");
    write(
        "policy/policy.bq",
        "agreement \"ALL\" version 1 {\n  recipient \"The test suite\"\n  purpose   GENERAL with genetic, irb, publish\n  valid     2020-01-01\n  \
         may test  subject (site, family), trio, call, variant, effect\n  may show  population, variant, effect, call.call\n  level     record\n  formats   csv\n}\n",
    );
    let mut subjects = "subject_id,family,sex,population,site,father_id,mother_id\n".to_owned();
    let mut samples = "sample_id,subject_id,collected_on,qc_passed\n".to_owned();
    let mut events = "event_id,subject_id,sample_id,kind,actor,effective_from,effective_until,recorded_at,withdrawal_level,supersedes\n".to_owned();
    let mut scopes = "event_id,branch,polarity,term,disease,region,until_date,party,project\n".to_owned();
    for person in &made.people {
        let Person { id, family, male, mother, father, affected, permitted, sampled, copies: _ } = person;
        let sex = if *male { "male" } else { "female" };
        let site = if *affected { "clinic" } else { "home" };
        let parent = |id: &Option<String>| id.clone().unwrap_or_default();
        let _ = writeln!(
            subjects,
            "{id},family {family},{sex},{id},{site},{},{}",
            parent(father),
            parent(mother)
        );
        if *sampled {
            let _ = writeln!(samples, "s-{id},{id},2020-01-01,true");
        }
        let _ = writeln!(events, "e-{id},{id},,grant,self,2015-01-01,,2015-01-01T00:00:00Z,,");
        // Whoever is not permitted agrees to something else.
        let term = if *permitted { "DUO:0000042" } else { "DUO:0000043" };
        let _ = writeln!(scopes, "e-{id},1,permit,{term},,,,,");
    }
    for (name, text) in [
        ("subject.csv", &subjects),
        ("sample.csv", &samples),
        ("events.csv", &events),
        ("scopes.csv", &scopes),
        ("all.vcf", &vcf(made)),
    ] {
        write(name, text);
    }

    let session = Session::open_without_lock(project(root)).expect("a session");
    let path = root.join("families.duckdb");
    let mut store = engine_duckdb::open_store(&path).expect("a store");
    let dynamic: &mut dyn Store = &mut store;
    load::schema::create_tables(dynamic, session.model()).expect("tables");
    let mut rejects = Rejects::strict();
    for table in ["subject", "sample"] {
        let file = root.join(format!("{table}.csv"));
        let options = load::table::Options::default();
        load::table::load(dynamic, session.model(), table, &file, &options, &mut rejects, &Silent)
            .unwrap_or_else(|error| panic!("{error}"));
    }
    let paths = load::consent::Paths {
        events: Some(root.join("events.csv")),
        scopes: Some(root.join("scopes.csv")),
        ..load::consent::Paths::default()
    };
    load::consent::load(dynamic, session.model(), &paths, &mut rejects, &Silent)
        .unwrap_or_else(|error| panic!("{error}"));
    let options = load::vcf::VcfOptions::default();
    load::vcf::load(dynamic, session.model(), &[root.join("all.vcf")], &options, &mut rejects, &Silent)
        .unwrap_or_else(|error| panic!("{error}"));
    drop(store);
    let mut reader = engine_duckdb::open_reader(&path, ReaderOptions { threads: Some(2) }).expect("a reader");
    session.pull(&mut reader, Vec::new()).unwrap_or_else(|trouble| panic!("{:?}", trouble.diagnostics));

    let known_at = USED_ON.to_zoned(jiff::tz::TimeZone::UTC).expect("an instant").timestamp();
    let session = Session::open(project(root)).expect("a session").at(Clock { used_on: USED_ON, known_at });
    write("query.bq", program);
    let checked = session.check(&root.join("query.bq"), &BTreeMap::new()).expect("a program");
    assert!(!checked.has_errors(), "{}", report::pictures(&checked.diagnostics, &checked.files, false));
    let rules = Rules::for_tests(Terms {
        level: release::Level::Record,
        min_subjects: 1,
        round_to: None,
        zeros: Zeros::Shown,
        dominance: release::Dominance::none(2),
        margin: release::WHOLE,
        difference: 1,
        frequency_min_subjects: 1,
        allele_min_carriers: 1,
        pseudonym_key: None,
    })
    .expect("rules");
    let compiled =
        session.compile(&checked, &[]).unwrap_or_else(|trouble| panic!("{:?}", trouble.diagnostics));
    let table = compiled.first().expect("a table");
    let batches = engine::Reader::run(&mut reader, table.statement.text())
        .unwrap_or_else(|error| panic!("{error}: {}", error.detail));
    let released = release::release(&table.plan.shape, &batches, &rules).expect("released");
    let text = |value: &ReleasedValue| match value {
        ReleasedValue::Value(plan::Value::Text(text)) => text.clone(),
        ReleasedValue::Value(plan::Value::Bool(value)) => value.to_string(),
        ReleasedValue::Value(plan::Value::Int(value)) => value.to_string(),
        ReleasedValue::Null => String::new(),
        other => panic!("a cell {other:?}"),
    };
    released.rows().iter().map(|row| row.iter().map(text).collect()).collect()
}

#[test]
fn every_candidate_is_found_by_hand_too() {
    let made = make();
    let rows = asked(
        &made,
        "use agreement \"ALL\"\nas of 2025-01-01\ncohort affected = from subjects where site = \"clinic\"\ntable found =\n  from subjects\n  \
         for each candidate in inherited(subject, variants, depth: 10, affected: affected)\n  \
         show population, candidate.gene, candidate.mode, candidate.phase, candidate.certain, candidate.segregates, candidate.not_genotyped,\n    \
         low = first(candidate.variants by position).position, high = last(candidate.variants by position).position\n",
    );
    let mut found = BTreeSet::new();
    for row in &rows {
        let [child, gene, mode, phase, certain, segregates, silent, low, high] = row.as_slice() else {
            panic!("a row {row:?}")
        };
        let number = |text: &str| text.parse::<i64>().expect("a number");
        let candidate = (
            child.clone(),
            gene.clone(),
            mode.clone(),
            phase.clone(),
            certain.clone(),
            segregates.clone(),
            number(silent),
            number(low),
            number(high),
        );
        assert!(found.insert(candidate), "twice: {row:?}");
    }
    let by_hand = made.candidates();
    let missing: Vec<_> = by_hand.difference(&found).take(5).collect();
    let surplus: Vec<_> = found.difference(&by_hand).take(5).collect();
    assert!(missing.is_empty() && surplus.is_empty(), "not found: {missing:#?}\nnot by hand: {surplus:#?}");

    // The pedigrees try what they are made for.
    for (mode, certain) in [
        ("de_novo", true),
        ("de_novo", false),
        ("recessive", true),
        ("recessive", false),
        ("dominant", true),
        ("dominant", false),
        ("x_linked", true),
        ("x_linked", false),
        ("compound_het", true),
        ("compound_het", false),
    ] {
        let certain = certain.to_string();
        let such = by_hand.iter().filter(|found| found.2 == mode && found.4 == certain).count();
        assert!(such >= 5, "{mode}, certain {certain}: {such}");
    }
    for phase in ["trio", "read", "statistics", "possible"] {
        assert!(by_hand.iter().filter(|found| found.3 == phase).count() >= 5, "{phase}");
    }
    for segregates in ["true", "false", ""] {
        assert!(by_hand.iter().filter(|found| found.5 == segregates).count() >= 5, "`{segregates}`");
    }
}
