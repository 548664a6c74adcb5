//! Phenopackets: the six forms of onset, what is refused, and the whole of phenopackets.dev.

mod support;

use load::ontology;
use load::phenopackets::{Ids, Options, load};
use load::source::{Rejects, Silent};
use std::collections::BTreeMap;
use support::{genomics, kept, number, refused, rows, shared, warehouse, written};

const HPO: &str = "data-version: 1\n\n[Term]\nid: HP:0000001\nname: All\n\n[Term]\nid: HP:0001250\nname: Seizure\nis_a: HP:0000001\n\n\
                   [Term]\nid: HP:0000057\nname: old\nis_obsolete: true\nreplaced_by: HP:0001250\n\n\
                   [Term]\nid: HP:0000099\nname: gone\nis_obsolete: true\n";

fn packet(id: &str, subject: &str, rest: &str) -> String {
    format!(
        r#"{{"id": "{id}", "subject": {{"id": "{subject}", "sex": "FEMALE", "dateOfBirth": "2000-01-01T00:00:00Z"}}{rest}}}"#
    )
}

fn feature(term: &str, rest: &str) -> String {
    format!(r#", "phenotypicFeatures": [{{"type": {{"id": "{term}"}}{rest}}}]"#)
}

#[test]
fn onsets_are_intervals_of_days() {
    let model = genomics();
    let forms = [
        r#"{"age": {"iso8601duration": "P3Y"}}"#,
        r#"{"ageRange": {"start": {"iso8601duration": "P3Y"}, "end": {"iso8601duration": "P5Y"}}}"#,
        r#"{"ontologyClass": {"id": "HP:0003593", "label": "Infantile onset"}}"#,
        r#"{"timestamp": "2000-01-31T10:00:00Z"}"#,
        r#"{"interval": {"start": "2000-01-31T10:00:00Z", "end": "2000-02-01T10:00:00Z"}}"#,
        r#"{"gestationalAge": {"weeks": 20, "days": 3}}"#,
        r#"{"ontologyClass": {"id": "HP:6000315", "label": "Postmenopausal onset"}}"#,
    ];
    let features: Vec<String> = forms
        .iter()
        .map(|form| format!(r#"{{"type": {{"id": "HP:0001250"}}, "excluded": false, "onset": {form}}}"#))
        .collect();
    let path = written(
        "p.json",
        &packet("p", "s", &format!(r#", "phenotypicFeatures": [{}]"#, features.join(", "))),
    );
    let mut store = warehouse(&model);
    let report =
        load(&mut store, &model, &[path], Options::default(), &mut Rejects::strict(), &Silent).unwrap();
    assert_eq!(report.notes.len(), 1, "{:?}", report.notes);
    assert_eq!(
        rows(
            &mut store,
            &["onset_earliest_days", "onset_latest_days", "onset_text"],
            "from phenotype order by phenotype_id"
        ),
        [
            "1095|1460|P3Y",
            "1095|2190|P3Y/P5Y",
            "28|364|HP:0003593 Infantile onset",
            "30|30|2000-01-31T10:00:00Z",
            "30|31|2000-01-31T10:00:00Z/2000-02-01T10:00:00Z",
            "-137|-137|gestational age 20 weeks 3 days",
            "-|-|HP:6000315 Postmenopausal onset",
        ]
    );
}

#[test]
fn ids_that_hpo_lacks_are_refused_and_old_ones_follow() {
    let model = genomics();
    let mut store = warehouse(&model);
    let hpo = written("hp.obo", HPO);
    ontology::load(&mut store, &hpo, &ontology::Options::default(), &mut Rejects::strict(), &Silent).unwrap();
    let folder =
        written("a.json", &packet("a", "sa", &feature("HP:0000057", ""))).parent().unwrap().to_owned();
    for (file, text) in [
        ("b.json", packet("b", "sb", &feature("HP:0025811", ""))),
        ("c.json", packet("c", "sc", &feature("HP:0000099", ""))),
        ("d.json", packet("d", "sd", &feature("MP:0000001", ""))),
        (
            "e.json",
            packet(
                "e",
                "se",
                &feature("HP:0001250", r#", "onset": {"age": {"iso8601duration": "3 years"}}"#),
            ),
        ),
        ("f.json", "{".to_owned()),
        ("g.json", packet("g", "same", "")),
        ("h.json", packet("h", "same", "")),
    ] {
        std::fs::write(folder.join(file), text).unwrap();
    }
    let (mut rejects, path) = kept();
    let report =
        load(&mut store, &model, std::slice::from_ref(&folder), Options::default(), &mut rejects, &Silent)
            .unwrap();
    assert_eq!(report.notes, ["HP:0000057 became HP:0001250 1 times, as HP 1 says"]);
    let mut told = refused(&path);
    told.sort();
    assert_eq!(told.len(), 7);
    assert_eq!(told[0], "1: HP:0000099 (gone) is obsolete in HP 1 and has no replacement");
    assert_eq!(told[1], "1: HP:0001250: `3 years` is not an age of the form P1Y2M3D");
    assert_eq!(told[2], "1: HP:0025811 is not in HP 1");
    assert!(told[3].starts_with("1: not a phenopacket"), "{told:?}");
    assert!(told[4].starts_with("1: subject_id same also at ") && told[4].contains("g.json"), "{told:?}");
    assert!(told[5].starts_with("1: subject_id same also at ") && told[5].contains("h.json"), "{told:?}");
    assert_eq!(told[6], "1: term: `MP:0000001` is not a code of HP: codes of HP begin with `HP:`");
    assert_eq!(rows(&mut store, &["subject_id", "term"], "from phenotype"), ["sa|HP:0001250"]);
    assert_eq!(rows(&mut store, &["subject_id"], "from subject"), ["sa"]);
}

#[test]
fn variants_of_interpretations_are_findings() {
    let model = genomics();
    let mut store = warehouse(&model);
    let variant = |pos: &str, reference: &str, alt: &str| {
        format!(
            r#"{{"interpretationStatus": "CAUSATIVE", "variantInterpretation": {{"acmgPathogenicityClassification": "PATHOGENIC",
            "variationDescriptor": {{"geneContext": {{"symbol": "KCNT1"}}, "allelicState": {{"id": "GENO:0000135"}},
            "vcfRecord": {{"genomeAssembly": "hg38", "chrom": "chr9", "pos": {pos}, "ref": "{reference}", "alt": "{alt}"}}}}}}}}"#
        )
    };
    let text = format!(
        r#", "interpretations": [{{"diagnosis": {{"genomicInterpretations": [{}, {}, {}]}}}}],
        "metaData": {{"created": "2024-03-09T10:00:00Z"}}"#,
        variant("135765706", "G", "A"),
        variant("\"135765700\"", "CTT", "CT"),
        variant("135765706", "G", "A")
    );
    let path = written("p.json", &packet("p", "s", &text));
    load(&mut store, &model, &[path], Options::default(), &mut Rejects::strict(), &Silent).unwrap();
    assert_eq!(
        rows(
            &mut store,
            &["variant_id", "build", "contig", "position", "end_position", "ref", "alt", "kind"],
            "from variant"
        ),
        ["1|GRCh38|9|135765700|135765701|CT|C|deletion", "2|GRCh38|9|135765706|135765706|G|A|snv"]
    );
    assert_eq!(
        rows(
            &mut store,
            &["variant_id", "gene", "zygosity", "classification", "status", "reported_on"],
            "from finding order by finding_id"
        ),
        [
            "2|KCNT1|heterozygous|pathogenic|causative|2024-03-09",
            "1|KCNT1|heterozygous|pathogenic|causative|2024-03-09",
            "2|KCNT1|heterozygous|pathogenic|causative|2024-03-09"
        ]
    );
}

/// Observed and excluded statements of each packet of an archive, counted from its JSON.
#[expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]
fn statements(path: &std::path::Path) -> BTreeMap<String, (usize, usize)> {
    let file = std::fs::File::open(path).unwrap();
    let mut archive = tar::Archive::new(liblzma::read::XzDecoder::new(file));
    let mut all = BTreeMap::new();
    for entry in archive.entries().unwrap() {
        let entry = entry.unwrap();
        if !entry.path().unwrap().to_string_lossy().ends_with(".json") {
            continue;
        }
        let packet: serde_json::Value = serde_json::from_reader(entry).unwrap();
        let features = packet["phenotypicFeatures"].as_array().cloned().unwrap_or_default();
        let excluded = features.iter().filter(|feature| feature["excluded"] == true).count();
        all.insert(packet["id"].as_str().unwrap().to_owned(), (features.len() - excluded, excluded));
    }
    all
}

/// The id of the packet in the first line of a rejects file.
#[expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]
fn told_packet(path: &std::path::Path) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    let record = text.lines().next().unwrap().split('\t').nth(3).unwrap();
    let packet: serde_json::Value = serde_json::from_str(record).unwrap();
    packet["id"].as_str().unwrap().to_owned()
}

#[test]
fn phenopackets_dev() {
    let Some(hpo) = shared("data/hpo-2025-01-16/hp.obo.gz") else { return };
    let Some(path) = shared("data/phenopacket-store/phenopackets.dev.tar.xz") else { return };
    let model = genomics();
    let options = Options { ids: Ids::Packet };

    // Without HPO, every packet but one: its VCF record names the alternate allele `DEL`.
    let mut store = warehouse(&model);
    let (mut rejects, refusals) = kept();
    load(&mut store, &model, std::slice::from_ref(&path), options, &mut rejects, &Silent).unwrap();
    let told = refused(&refusals);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("DEL"), "{told:?}");
    assert_eq!(number(&mut store, "select count(*) from subject"), 6216);
    let direct = statements(&path);
    assert_eq!(direct.len(), 6217);
    assert_eq!(direct.values().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1)), (53_715, 75_339));
    let loaded = rows(
        &mut store,
        &["s.subject_id", "count(*) filter (not p.excluded)", "count(*) filter (p.excluded)"],
        "from subject s left join phenotype p using (subject_id) group by s.subject_id order by s.subject_id",
    );
    let refused_packet = told_packet(&refusals);
    let expected: Vec<String> = direct
        .iter()
        .filter(|(id, _)| **id != refused_packet)
        .map(|(id, (observed, excluded))| format!("{id}|{observed}|{excluded}"))
        .collect();
    assert_eq!(loaded, expected);
    assert_eq!(number(&mut store, "select count(*) from measurement"), 332);
    assert_eq!(number(&mut store, "select count(*) from finding"), 6509);

    // With HPO, 143 packets name 35 ids that the release lacks.
    let mut store = warehouse(&model);
    ontology::load(&mut store, &hpo, &ontology::Options::default(), &mut Rejects::strict(), &Silent).unwrap();
    let (mut rejects, refusals) = kept();
    let report =
        load(&mut store, &model, std::slice::from_ref(&path), options, &mut rejects, &Silent).unwrap();
    assert_eq!(report.rejected, 144);
    let unknown = refused(&refusals).iter().filter(|line| line.contains("is not in HP 2025-01-16")).count();
    assert_eq!(unknown, 143);
    assert_eq!(number(&mut store, "select count(*) from subject"), 6073);

    // By subject, 2,251 packets share 372 ids.
    let (mut rejects, refusals) = kept();
    let mut store = warehouse(&model);
    load(&mut store, &model, &[path], Options::default(), &mut rejects, &Silent).unwrap();
    let shared_ids = refused(&refusals).iter().filter(|line| line.contains("also at")).count();
    assert!((2245..=2251).contains(&shared_ids), "{shared_ids}");
}
