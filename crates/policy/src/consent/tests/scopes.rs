//! 3.3: purpose against scope.

use super::super::{Answer, Asked, Primary, ScopeRow, What, scope};
use super::{day, diseases, person, purpose};

/// The answer of these permit rows of branch 1 to a purpose, used on 2020-06-01.
fn ask(purpose_words: &str, terms: &[&str]) -> String {
    let rows: Vec<String> = terms.iter().map(|term| format!("1 permit {term}")).collect();
    ask_all(purpose_words, &rows.iter().map(String::as_str).collect::<Vec<_>>())
}

/// The answer of these rows, given as `branch polarity term …`.
fn ask_all(purpose_words: &str, rows: &[&str]) -> String {
    let rows: Vec<String> = rows.iter().map(|row| format!("G {row}")).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let rows = given(&rows);
    let purpose = purpose(purpose_words);
    let asked = Asked { purpose: &purpose, used_on: day("2020-06-01"), diseases: &diseases() };
    let (answer, rule) = scope(&rows, asked);
    // The order of rows means nothing.
    let turned: Vec<ScopeRow> = rows.iter().rev().cloned().collect();
    assert_eq!(scope(&turned, asked), (answer, rule));
    format!("{answer} {rule}")
}

fn given(rows: &[&str]) -> Vec<ScopeRow> {
    let subject = person("", &[], &["G grant self 2020-01-01"], rows);
    let what = subject.events.iter().next().map(|event| event.what.clone());
    match what {
        Some(What::Give(given)) => given.scope,
        _ => vec![],
    }
}

/// A purpose of every primary use, in the order of the text.
fn every_primary(flags: &str) -> Vec<String> {
    Primary::ALL
        .iter()
        .map(|primary| match primary {
            Primary::Ds => format!("DS valve {flags}"),
            Primary::General | Primary::Hmb | Primary::Poa | Primary::Methods | Primary::Cc => {
                format!("{primary} {flags}")
            }
        })
        .collect()
}

#[test]
fn which_primary_uses_a_base_term_covers() {
    // GENERAL, HMB, DS, POA, METHODS, CC
    let table = [
        ("NRES", "", "yes yes yes yes yes yes"),
        ("GRU", "", "yes yes yes yes yes no"),
        ("HMB", "", "no yes yes no yes refer"),
        ("HMB", "ancestry", "no no no no no refer"),
        ("DS disease=heart", "", "no no yes no yes no"),
        ("DS disease=bone", "", "no no no no yes no"),
        ("DS disease=old", "", "refer refer refer refer refer refer"),
        ("DS", "", "refer refer refer refer refer refer"),
        ("POA", "", "no no no yes no no"),
        ("CC", "", "no no no no no yes"),
    ];
    for (term, flags, answers) in table {
        let found: Vec<String> =
            every_primary(flags).iter().map(|purpose| ask(purpose, &[term]).replace(" 3.3.1", "")).collect();
        assert_eq!(found.join(" "), answers, "{term} {flags}");
    }
}

#[test]
fn a_disease_row_covers_if_every_disease_is_under_it() {
    let heart = ["DS disease=heart"];
    assert_eq!(ask("DS heart", &heart), "yes 3.3.1");
    assert_eq!(ask("DS valve muscle", &heart), "yes 3.3.1");
    assert_eq!(ask("DS valve bone", &heart), "no 3.3.1");
    assert_eq!(ask("DS heart", &["DS disease=valve"]), "no 3.3.1");
    assert_eq!(ask("DS old", &heart), "no 3.3.1");
    assert_eq!(ask("METHODS valve", &heart), "yes 3.3.1");
    assert_eq!(ask("METHODS valve bone", &heart), "no 3.3.1");
    // Two rows do not share the diseases of one purpose between them.
    assert_eq!(ask("DS valve bone", &["DS disease=heart", "DS disease=bone"]), "no 3.3.2");
}

#[test]
fn several_base_terms_in_a_branch() {
    assert_eq!(ask("CC", &["HMB", "CC"]), "yes 3.3.2");
    assert_eq!(ask("CC", &["HMB", "POA"]), "refer 3.3.2");
    assert_eq!(ask("GENERAL", &["HMB", "POA"]), "no 3.3.2");
}

#[test]
fn modifiers_on_flags_and_primary_uses() {
    let table = [
        ("NPU", "GENERAL for_profit", "no"),
        ("NPU", "GENERAL commercial", "yes"),
        ("NCU", "GENERAL commercial", "no"),
        ("NCU", "GENERAL for_profit", "yes"),
        ("NPUNCU", "GENERAL", "yes"),
        ("NPUNCU", "GENERAL commercial", "no"),
        ("NPUNCU", "GENERAL for_profit", "no"),
        ("GSO", "GENERAL genetic", "yes"),
        ("GSO", "GENERAL", "no"),
        ("NMDS", "METHODS", "no"),
        ("NMDS", "GENERAL", "yes"),
        ("NPOA", "POA", "no"),
        ("NPOA", "GENERAL ancestry", "no"),
        ("NPOA", "GENERAL", "yes"),
        ("IRB", "GENERAL irb", "yes"),
        ("IRB", "GENERAL", "no"),
        ("PUB", "GENERAL publish", "yes"),
        ("PUB", "GENERAL", "no"),
        ("RTN", "GENERAL return_results", "yes"),
        ("RTN", "GENERAL", "no"),
        ("RS", "GENERAL", "refer"),
        ("MDS", "GENERAL", "refer"),
        ("DUO:0000099", "GENERAL", "refer"),
    ];
    check(&table);
}

#[test]
fn modifiers_on_places() {
    let table = [
        ("GS region=BE", "GENERAL region=BE", "yes"),
        ("GS region=BE", "GENERAL region=be", "no"),
        ("GS region=BE", "GENERAL", "refer"),
        ("GS", "GENERAL region=BE", "no"),
        ("US party=A", "GENERAL party=A", "yes"),
        ("US party=A", "GENERAL party=B", "no"),
        ("US party=A", "GENERAL", "no"),
        ("US", "GENERAL party=A", "no"),
        ("PS project=P", "GENERAL project=P", "yes"),
        ("PS project=P", "GENERAL", "no"),
        // An IS row holds its institution in `party`.
        ("IS party=A", "GENERAL institution=A", "yes"),
        ("IS party=A", "GENERAL party=A", "no"),
        ("COL party=A", "GENERAL party=A", "yes"),
        ("COL party=A", "GENERAL", "no"),
        ("COL", "GENERAL party=A", "refer"),
        ("COL", "GENERAL", "refer"),
    ];
    check(&table);
    // One of the rows is enough.
    assert_eq!(ask("GENERAL region=FR", &["GRU", "GS region=BE", "GS region=FR"]), "yes 3.3.1");
    assert_eq!(ask("GENERAL party=A", &["GRU", "US", "US party=A"]), "yes 3.3.1");
    // But a null party in COL is for a human, also if another row matches.
    assert_eq!(ask("GENERAL party=A", &["GRU", "COL", "COL party=A"]), "refer 3.3.3");
}

#[test]
fn modifiers_on_the_date_of_use() {
    // The date of use is 2020-06-01.
    let table = [
        ("TS until_date=2020-06-02", "GENERAL", "yes"),
        ("TS until_date=2020-06-01", "GENERAL", "no"),
        ("TS", "GENERAL", "refer"),
        ("MOR until_date=2020-06-01", "GENERAL publish", "yes"),
        ("MOR until_date=2020-06-02", "GENERAL publish", "no"),
        ("MOR until_date=2020-06-02", "GENERAL", "yes"),
        ("MOR", "GENERAL", "refer"),
        ("MOR", "GENERAL publish", "refer"),
    ];
    check(&table);
    // Every row must answer yes.
    let two = ["GRU", "TS until_date=2030-01-01", "TS until_date=2020-01-01"];
    assert_eq!(ask("GENERAL", &two), "no 3.3.3");
    let two = ["GRU", "MOR until_date=2030-01-01", "MOR until_date=2020-01-01"];
    assert_eq!(ask("GENERAL publish", &two), "no 3.3.3");
    assert_eq!(ask("GENERAL", &["GRU", "TS until_date=2030-01-01", "TS"]), "refer 3.3.3");
    assert_eq!(ask("GENERAL", &["GRU", "TS until_date=2020-01-01", "TS"]), "no 3.3.3");
}

/// Asks each modifier beside a base term that covers everything.
fn check(table: &[(&str, &str, &str)]) {
    for (term, purpose, answer) in table {
        let rule = if *answer == "yes" { "3.3.1" } else { "3.3.3" };
        assert_eq!(ask(purpose, &["NRES", term]), format!("{answer} {rule}"), "{term} {purpose}");
    }
}

#[test]
fn a_branch_is_base_and_modifiers_together() {
    // No outweighs refer, whichever side it is on.
    assert_eq!(ask("CC", &["HMB", "IRB"]), "no 3.3.4");
    assert_eq!(ask("CC", &["POA", "RS"]), "no 3.3.4");
    assert_eq!(ask("GENERAL", &["GRU", "IRB", "RS"]), "no 3.3.4");
    assert_eq!(ask("CC", &["HMB", "RS"]), "refer 3.3.1");
    assert_eq!(ask("GENERAL irb", &["GRU", "IRB"]), "yes 3.3.1");
    // No base term: no, even if all there is would be refer.
    assert_eq!(ask("GENERAL", &["RS"]), "no 3.3.4");
    assert_eq!(ask("GENERAL irb", &["IRB"]), "no 3.3.4");
}

#[test]
fn a_scope_is_yes_if_any_branch_is() {
    let ask = |purpose, rows: &[&str]| ask_all(purpose, rows);
    let (yes, refer, no) = ("1 permit GRU", "2 permit GRU", "3 permit CC");
    let rs = "2 permit RS";
    assert_eq!(ask("GENERAL", &[yes, refer, rs, no]), "yes 3.3.5");
    assert_eq!(ask("GENERAL", &[refer, rs, no]), "refer 3.3.5");
    assert_eq!(ask("GENERAL", &["1 permit POA", no]), "no 3.3.1");
    // A modifier stays in its branch.
    assert_eq!(ask("GENERAL", &[yes, "2 permit GRU", "2 permit IRB"]), "yes 3.3.5");
}

#[test]
fn deny_rows() {
    let with = |purpose, deny: &str| ask_all(purpose, &["1 permit NRES", deny]);
    assert_eq!(with("CC", "1 deny CC"), "no 3.3.5");
    assert_eq!(with("GENERAL", "1 deny CC"), "yes 3.3.1");
    // Of several diseases any one is enough; so is a purpose for methods that names none.
    assert_eq!(with("DS valve bone", "1 deny DS disease=heart"), "no 3.3.5");
    assert_eq!(with("DS bone", "1 deny DS disease=heart"), "yes 3.3.1");
    assert_eq!(with("DS heart", "1 deny DS disease=valve"), "yes 3.3.1");
    assert_eq!(with("METHODS", "1 deny DS disease=heart"), "no 3.3.5");
    assert_eq!(with("GENERAL", "1 deny DS disease=heart"), "yes 3.3.1");
    // Refer, or a term that is no base, turns yes into refer.
    for deny in ["1 deny DS", "1 deny DS disease=old", "1 deny IRB", "1 deny GRU-MDS"] {
        assert_eq!(with("GENERAL irb", deny), "refer 3.3.5", "{deny}");
    }
    assert_eq!(with("CC", "1 deny HMB"), "refer 3.3.5");
    // It does not turn no into refer, and covering outweighs referring.
    assert_eq!(ask_all("GENERAL", &["1 permit CC", "1 deny IRB"]), "no 3.3.1");
    assert_eq!(ask_all("GENERAL", &["1 permit GRU", "1 deny GRU", "2 deny IRB"]), "no 3.3.5");
}

#[test]
fn without_permit_rows_nothing_is_permitted() {
    assert_eq!(ask_all("GENERAL", &[]), "no 3.3.6");
    assert_eq!(ask_all("GENERAL", &["1 deny CC"]), "no 3.3.6");
    assert_eq!(ask_all("GENERAL", &["1 deny IRB"]), "no 3.3.6");
}

#[test]
fn least_of_answers_is_no_then_refer_then_yes() {
    assert!(Answer::No < Answer::Refer && Answer::Refer < Answer::Yes);
}
