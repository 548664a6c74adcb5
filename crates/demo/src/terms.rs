//! What people consent to: scopes in terms of the Data Use Ontology, each with the share of people who chose
//! it. Every base term, every modifier, denials and terms that nobody knows are among them.

/// A row of a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub branch: &'static str,
    pub deny: bool,
    pub term: &'static str,
    pub disease: &'static str,
    pub region: &'static str,
    pub until: &'static str,
    pub party: &'static str,
    pub project: &'static str,
}

const NO: Row =
    Row { branch: "1", deny: false, term: "", disease: "", region: "", until: "", party: "", project: "" };

const fn term(term: &'static str) -> Row {
    Row { term, ..NO }
}

const fn about(disease: &'static str) -> Row {
    Row { term: DS, disease, ..NO }
}

const fn deny(row: Row) -> Row {
    Row { branch: "no", deny: true, ..row }
}

const fn second(row: Row) -> Row {
    Row { branch: "2", ..row }
}

const NRES: &str = "DUO:0000004";
const GRU: &str = "DUO:0000042";
const HMB: &str = "DUO:0000006";
const DS: &str = "DUO:0000007";
const POA: &str = "DUO:0000011";
const CC: &str = "DUO:0000043";
const RS: Row = term("DUO:0000012");
const NMDS: Row = term("DUO:0000015");
const GSO: Row = term("DUO:0000016");
const NPUNCU: Row = term("DUO:0000018");
const PUB: Row = term("DUO:0000019");
const COL: Row = term("DUO:0000020");
const IRB: Row = term("DUO:0000021");
const GS: Row = term("DUO:0000022");
const MOR: Row = term("DUO:0000024");
const TS: Row = term("DUO:0000025");
const US: Row = term("DUO:0000026");
const PS: Row = term("DUO:0000027");
const IS: Row = term("DUO:0000028");
const RTN: Row = term("DUO:0000029");
const NPOA: Row = term("DUO:0000044");
const NPU: Row = term("DUO:0000045");
const NCU: Row = term("DUO:0000046");

const fn until(row: Row, until: &'static str) -> Row {
    Row { until, ..row }
}

const fn region(region: &'static str) -> Row {
    Row { region, ..GS }
}

const fn party(row: Row, party: &'static str) -> Row {
    Row { party, ..row }
}

/// The scope of general research, for events that need a plain one.
pub(crate) const GENERAL: &[Row] = &[term(GRU)];
/// Health research.
pub(crate) const HEALTH: &[Row] = &[term(HMB)];
/// Health research, but nobody may sell what comes of it.
pub(crate) const WITHOUT_COMMERCE: &[Row] = &[term(HMB), NCU];
/// Research on diabetes alone.
pub(crate) const DIABETES: &[Row] = &[about("DOID:9351")];

/// Scopes with their weights.
#[rustfmt::skip]
pub(crate) const SCOPES: [(u32, &[Row]); 44] = [
    (60, &[term(NRES)]),
    (240, &[term(GRU)]),
    (230, &[term(HMB)]),
    (30, &[term(GRU), IRB]),
    (30, &[term(HMB), IRB]),
    (40, &[term(HMB), GSO]),
    (30, &[term(GRU), NPU]),
    (30, &[term(HMB), NPUNCU]),
    (25, &[term(HMB), NCU]),
    (20, &[term(HMB), PUB]),
    (20, &[term(GRU), NPOA]),
    (15, &[term(HMB), NMDS]),
    (20, &[term(HMB), region("BE")]),
    (10, &[term(HMB), region("NL"), region("BE")]),
    (20, &[term(GRU), until(TS, "2099-01-01")]),
    (15, &[term(HMB), until(MOR, "2020-01-01")]),
    (12, &[about("DOID:9352"), second(term(HMB)), second(PUB)]),
    (12, &[term(GRU), deny(about("DOID:1612"))]),
    // From here on the demo's agreement for health research is not covered.
    (30, &[about("DOID:9351")]),
    (12, &[about("DOID:9352"), IRB]),
    (8, &[about("DOID:1612")]),
    (6, &[about("DOID:114"), about("DOID:409")]),
    (4, &[about("")]),
    (4, &[about("DOID:0000000")]),
    (8, &[term(POA)]),
    (8, &[term(CC)]),
    (8, &[term(HMB), until(TS, "2023-06-01")]),
    (6, &[term(GRU), until(TS, "")]),
    (6, &[term(HMB), until(MOR, "2098-01-01")]),
    (4, &[term(GRU), until(MOR, "")]),
    (10, &[term(HMB), region("NL")]),
    (6, &[term(HMB), RTN]),
    (6, &[term(HMB), RS]),
    (6, &[term(GRU), party(COL, "Harbour Institute")]),
    (4, &[term(GRU), COL]),
    (5, &[term(HMB), party(US, "Dr Example")]),
    (5, &[term(HMB), Row { project: "atlas", ..PS }]),
    (5, &[term(GRU), party(IS, "Demo University")]),
    (6, &[term(GRU), deny(term(HMB))]),
    (4, &[term(GRU), deny(RS)]),
    // The dbGaP string means the opposite of DUO's NMDS, and is no term of DUO.
    (4, &[term("HMB-MDS")]),
    (3, &[term(HMB), term("DUO:0000099")]),
    (4, &[IRB, NPU]),
    (10, &[term(HMB), until(TS, "2097-01-01"), until(TS, "2099-01-01"), second(about("DOID:936"))]),
];
