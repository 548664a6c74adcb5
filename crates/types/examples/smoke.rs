//! Smoke.
fn main() {
    let mut files = text::Files::new();
    let m = std::fs::read_to_string("stdlib/models/genomics.bq").unwrap();
    let fid = files.add("genomics.bq", m.as_str());
    let (pm, d) = syntax::parse(fid, &m);
    for x in d { println!("{} {} {:?}", x.code.0, x.message, x.range().map(|r| files.line_column(r))); }
    let (model, d) = model::read(&[&pm]);
    for x in d { println!("{} {} {:?}", x.code.0, x.message, x.range().map(|r| files.line_column(r))); }
    let Some(model) = model else { return };
    let q = std::fs::read_to_string(std::env::args().nth(1).unwrap()).unwrap();
    let fid = files.add("q.bq", q.as_str());
    let (pq, d) = syntax::parse(fid, &q);
    for x in d { println!("{} {} {:?}", x.code.0, x.message, x.range().map(|r| files.line_column(r))); }
    let none = Default::default(); let cf = Default::default(); let ps = Default::default();
    let input = types::Input { model: &model, vocabulary: &types::NoVocabulary, main: &pq, library: &[], imports: &none, code_files: &cf, params: &ps };
    let (query, d) = types::check(&input);
    for x in d { println!("{} {} {:?} {:?} help {:?}", x.code.0, x.message, x.range().map(|r| files.slice(r).to_owned()), x.range().map(|r| files.line_column(r)), x.helps); }
    println!("{} cohorts {} tables", query.cohorts.len(), query.tables.len());
}
