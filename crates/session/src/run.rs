//! From a checked program to released rows.
//!
//! Order is everything here (consent-and-policy.md, sections 4, 7 and 8): the warehouse must be the one
//! that the lock file pins, and the policy the one that is installed in it; the intent is on the disk
//! before the statement runs, the outcome before a row is handed out; and what is handed out is
//! released. Whatever fails on the way, nothing of the result is given.

use crate::codes::{AUDIT, FORMAT, NO_POLICY, STALE};
use crate::compile::Compiled;
use crate::describe;
use crate::earlier::{Comparison, Listed};
use crate::session::{Checked, PolicySource, Session, installed_model, read_policy};
use crate::trouble::{Kind, Result, Trouble};
use crate::warehouse::conform::lack;
use crate::warehouse::pull::{compare, compare_names};
use crate::warehouse::signed::authorised;
use crate::warehouse::{Facts, facts, has_table, literal, texts};
use audit::{Cells, ColumnUse, Decision, Differencing, Guard, Hashes, Intent, Outcome, Ticket};
use diag::Diagnostic;
use engine::Reader;
use model::Linkage;
use policy::{Grounds, Level};
use release::{Released, Rules, Terms, Zeros};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Instant;
use text::Files;

/// The table of keys for pseudonyms: `agreement VARCHAR, key VARCHAR` (64 hexadecimal digits).
pub const KEY_TABLE: &str = "baseq_key";
/// The statement that creates it where it is missing.
pub const CREATE_KEY_TABLE: &str =
    "create table if not exists baseq_key (agreement VARCHAR not null, key VARCHAR not null)";

/// Where a result goes, for the agreement and for the audit.
#[derive(Clone, Copy)]
pub struct Destination<'a> {
    /// The word of its format: `csv`.
    pub format: &'a str,
    /// A path, or `-` for the terminal.
    pub path: &'a str,
    /// The bytes of a released table, by name, in that format: made before the outcome is recorded, so
    /// that the audit holds the hash of what is handed out.
    pub render: &'a dyn Fn(&str, &Released) -> Result<Vec<u8>>,
}

impl std::fmt::Debug for Destination<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Destination")
            .field("format", &self.format)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// A released table.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its name in the program.
    pub name: String,
    /// What was released.
    pub released: Released,
    /// The same as bytes of the format that was asked for.
    pub bytes: Vec<u8>,
}

impl Session {
    /// Whether the agreements of a program let its results be written in this format. A table on the
    /// terminal is no file and always may be.
    ///
    /// # Errors
    /// They do not.
    pub fn may_write(&self, checked: &Checked, format: &str) -> Result<()> {
        let Some(permitted) = &checked.permitted else { return Ok(()) };
        let grounds = permitted.grounds();
        if grounds.agreements.is_empty() || format == "table" || grounds.formats.contains(format) {
            return Ok(());
        }
        let names: Vec<String> = grounds.agreements.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        let mut allowed: Vec<&str> = vec!["table"];
        allowed.extend(grounds.formats.iter().map(String::as_str));
        let message = format!("the agreement {} does not allow results as {format}", names.join(", "));
        Err(Trouble::new(Kind::Refused, FORMAT, message).help(format!("it allows {}", allowed.join(", "))))
    }

    /// Runs the named tables of a program, or all, and gives their released rows in the order of the
    /// program.
    ///
    /// # Errors
    /// The program has errors; the lock file is missing or old; no policy is installed; the agreements
    /// do not have the format; the audit log cannot be written; the engine fails or was cancelled.
    pub fn run(
        &self,
        checked: &Checked,
        names: &[String],
        reader: &mut dyn Reader,
        to: Destination<'_>,
    ) -> Result<Vec<Answer>> {
        if checked.has_errors() {
            let kind = if checked.only_refused() { Kind::Refused } else { Kind::Program };
            let (diagnostics, files) = (checked.diagnostics.clone(), checked.files.clone());
            return Err(Trouble { kind, diagnostics, files, detail: None });
        }
        self.may_write(checked, to.format)?;
        let facts = self.current(reader)?;
        let reader = RefCell::new(reader);
        let failed = RefCell::new(None);
        // Who is above a disease decides who may be read, so the warehouse is asked and not the lock.
        let above = |disease: &str| match ancestors(&mut **reader.borrow_mut(), disease) {
            Ok(found) => found,
            Err(trouble) => {
                failed.borrow_mut().get_or_insert(trouble);
                None
            }
        };
        let told = || failed.borrow_mut().take().map_or(Ok(()), Err);
        let Some(permitted) = &checked.permitted else { return Ok(Vec::new()) };
        let rules = rules(permitted.grounds(), &mut **reader.borrow_mut())?;
        let log = self.log()?;
        let comparison = self.comparison(permitted, &log, &mut **reader.borrow_mut())?;
        let mut answers: Vec<Answer> = Vec::new();
        // What was released of the tables before, for the audit of those that read it.
        let mut hashes: BTreeMap<types::TableId, (String, String)> = BTreeMap::new();
        let tables = &permitted.query().tables;
        self.in_order(checked, names, &above, &mut |table, asked| {
            told()?;
            self.fits(table, &facts)?;
            let listed = self.listed(permitted, table, &above)?;
            told()?;
            let mut reader = reader.borrow_mut();
            let mut intent = self.intent(checked, permitted.grounds(), &listed, &facts, &**reader);
            for (read, _) in &table.reads {
                intent.parameters.extend(hashes.get(read).cloned());
            }
            // The same question: the same program with all that it reads, of the same data under the same policy.
            let question = format!(
                "{} {} {:?} {} {} {}",
                intent.query_hash,
                table.name,
                intent.parameters,
                self.read_by(checked),
                intent.snapshot,
                intent.hashes.policy
            );
            let question = crate::lock::hash(question.as_bytes());
            let ticket = log.intent(intent).map_err(|error| audit_trouble(&error))?;
            let to = if asked { to } else { Destination { path: "read by other tables", ..to } };
            let compared = comparison.as_ref().map(|comparison| (comparison, question.as_str()));
            let answer = one((&table.name, &listed), &rules, &mut **reader, compared, ticket, to)?;
            let released = answer.released.clone();
            if let Some(at) = tables.iter().position(|other| other.name == table.name) {
                let id = types::TableId(u32::try_from(at).unwrap_or(u32::MAX));
                let hash = crate::lock::hash(format!("{released:?}").as_bytes());
                hashes.insert(id, (format!("released {}", table.name), hash));
            }
            if asked {
                answers.push(answer);
            }
            Ok(released)
        })?;
        told()?;
        Ok(answers)
    }

    /// What a program would read and under which rules, a line each: `--dry-run`.
    pub fn plan_of(&self, checked: &Checked) -> Vec<String> {
        let Some(permitted) = &checked.permitted else { return Vec::new() };
        let grounds = permitted.grounds();
        let mut lines = Vec::new();
        for (name, version) in &grounds.agreements {
            lines.push(format!("agreement {name} version {version}"));
        }
        if let Some(as_of) = grounds.as_of {
            lines.push(format!("as of {as_of}, used on {}", grounds.used_on));
        }
        lines.extend(
            self.guards(grounds).into_iter().map(|guard| format!("guard {} via {}", guard.table, guard.path)),
        );
        let columns = self.columns(grounds);
        lines.extend(columns.into_iter().map(|column| format!("reads {} ({})", column.column, column.label)));
        if !grounds.agreements.is_empty() {
            let rules = &grounds.release;
            lines.push(format!("level {}", grounds.level.name()));
            lines.push(format!("min subjects {}, round to {}", rules.min_subjects, rules.round_to));
        }
        lines
    }

    /// The facts of the warehouse, if they are those of the lock file.
    fn current(&self, reader: &mut dyn Reader) -> Result<Facts> {
        let Some(lock) = &self.lock else {
            return Err(Trouble::new(
                Kind::Warehouse,
                STALE,
                "there is no lock file, so nothing says what codes and policy mean here",
            )
            .help("`baseq schema pull` writes it from the warehouse"));
        };
        let facts = facts(reader)?;
        if facts.policy.is_empty() {
            return Err(Trouble::new(
                Kind::Warehouse,
                NO_POLICY,
                "no policy is installed in the warehouse, so nothing may be asked",
            )
            .help("the steward installs one with `baseq policy install`"));
        }
        self.is_installed(&facts)?;
        authorised(&self.model, reader)?;
        self.records_there(reader)?;
        let (installed, _) = read_policy(&self.model, &facts.policy, &mut Files::new());
        compare(lock, &facts, &installed.hash)?;
        compare_names(&self.project, lock, &facts, reader)?;
        match self.policy() {
            (policy, PolicySource::Installed) if policy.hash == installed.hash => Ok(facts),
            (_, PolicySource::Installed | PolicySource::Draft) => Err(Trouble::new(
                Kind::Warehouse,
                STALE,
                "the policy of the lock file is not the installed one",
            )
            .help("`baseq schema pull` writes the lock file anew")),
        }
    }

    /// The model of the project is the one that was installed with the policy. Otherwise whoever writes a
    /// `baseq.toml` could say which tables are linked to people, and so which rows are guarded.
    fn is_installed(&self, facts: &Facts) -> Result<()> {
        match installed_model(&facts.policy) {
            Some(model) if model.hash == self.model.hash => Ok(()),
            Some(model) => Err(Trouble::new(
                Kind::Refused,
                STALE,
                format!(
                    "the model of this project, {} {}, is not the one that the steward installed in the warehouse, {} {}",
                    self.model.name, self.model.version, model.name, model.version
                ),
            )
            .help(
                "`model` in baseq.toml names it; where the model itself changed, the steward installs it with the policy: \
                 `baseq policy diff` shows what it changes, `baseq policy install` signs it",
            )),
            None => Err(Trouble::new(
                Kind::Warehouse,
                STALE,
                "the policy of the warehouse was installed without a model, so nothing says which rows belong to people",
            )
            .help("the steward installs it again with `baseq policy install`")),
        }
    }

    /// The warehouse has what the statement reads. A warehouse is older than its model where a newer
    /// baseq, or another branch of the project, declares more than was loaded.
    fn fits(&self, table: &Compiled, facts: &Facts) -> Result<()> {
        let Some(lack) = lack(&self.model, &facts.tables, table.plan.tables()) else { return Ok(()) };
        let message = format!(
            "the warehouse is not one of the model {} {}: in the table `{}`, which `{}` reads, {}",
            self.model.name, self.model.version, lack.table, table.name, lack.what
        );
        Err(Trouble::new(Kind::Warehouse, STALE, message).help(
            "it was made by another version of baseq or of the model: load it anew from its sources; `baseq schema \
             check` lists all that differs",
        ))
    }

    fn intent(
        &self,
        checked: &Checked,
        grounds: &Grounds,
        table: &Listed,
        facts: &Facts,
        reader: &dyn Reader,
    ) -> Intent {
        let query = checked.files.get(checked.main).text.to_string();
        let lock = self.lock.as_ref();
        let ontologies = lock.iter().flat_map(|lock| &lock.ontology);
        Intent {
            actor: crate::actor::actor(),
            agreements: grounds
                .agreements
                .iter()
                .map(|(name, version)| audit::Agreement {
                    name: name.clone(),
                    version: u64::from(*version),
                    hash: grounds.policy_hash.clone(),
                })
                .collect(),
            purpose: grounds.purpose.as_ref().map_or_else(|| "none".into(), ToString::to_string),
            as_of: grounds.as_of.unwrap_or(grounds.used_on),
            used_on: grounds.used_on,
            known_at: grounds.known_at,
            query_hash: crate::lock::hash(format::format(&query).as_bytes()),
            query,
            result: Some(table.name.clone()),
            parameters: checked.params.iter().cloned().collect(),
            compiler: env!("CARGO_PKG_VERSION").into(),
            hashes: Hashes {
                policy: grounds.policy_hash.clone(),
                schema: facts.schema.clone(),
                ontologies: ontologies
                    .map(|ontology| (ontology.system.clone(), ontology.sha256.clone()))
                    .collect(),
            },
            sql_hashes: BTreeMap::from([(
                match table.statement.dialect() {
                    sql::Dialect::DuckDb => "duckdb",
                    sql::Dialect::Postgres => "postgres",
                }
                .to_owned(),
                crate::lock::hash(table.statement.text().as_bytes()),
            )]),
            engine: audit::Engine {
                name: reader.engine(),
                settings: reader.settings().into_iter().collect(),
            },
            snapshot: facts.snapshot.clone(),
            guards: self.guards(grounds),
            columns: self.columns(grounds),
            level: grounds.level.name().to_owned(),
        }
    }

    fn guards(&self, grounds: &Grounds) -> Vec<Guard> {
        let mut guards = Vec::new();
        for read in &grounds.reads {
            let entity = self.model.entity(read.entity);
            let mut guard = |path: String| guards.push(Guard { table: entity.table.clone(), path });
            match &entity.linkage {
                Linkage::Public => {}
                Linkage::Subject => guard("subject".into()),
                Linkage::Aggregate => guard("aggregate".into()),
                Linkage::Of(paths) => {
                    for path in paths {
                        guard(describe::path(&self.model, entity, path));
                    }
                }
            }
        }
        guards
    }

    fn columns(&self, grounds: &Grounds) -> Vec<ColumnUse> {
        let mut columns = Vec::new();
        for read in &grounds.reads {
            let entity = self.model.entity(read.entity);
            for id in &read.columns {
                let column = entity.column(*id);
                columns.push(ColumnUse {
                    column: format!("{}.{}", entity.table, column.name),
                    label: describe::label(column.label).into(),
                });
            }
        }
        columns
    }
}

/// Runs one statement, releases its rows, compares what they tell with what was told before, and records what
/// became of it.
fn one(
    (name, table): (&str, &Listed),
    rules: &Rules,
    reader: &mut dyn Reader,
    compared: Option<(&Comparison, &str)>,
    ticket: Ticket,
    to: Destination<'_>,
) -> Result<Answer> {
    let start = Instant::now();
    let mut verdict = Differencing::NotChecked { reason: "there is no result".into() };
    let mut history = None;
    // Held until the outcome is on the disk.
    let (mut cleared, mut stopped) = (None, None);
    let done = reader.run(table.statement.text()).map_err(Trouble::from).and_then(|batches| {
        let shape = &table.plan.shape;
        let (released, behind) = match release::release_with_members(shape, &batches, rules) {
            Ok(both) => both,
            Err(error) => {
                let trouble = release_trouble(&error);
                return match (&error, compared) {
                    (release::Error::TooClose, Some((comparison, question))) => {
                        let near = comparison.refused(question, ticket.sequence(), trouble);
                        Err(stopped.insert(near).told(&mut verdict, &mut history))
                    }
                    _ => Err(trouble),
                };
            }
        };
        let bytes = (to.render)(name, &released)?;
        match compared {
            None => {
                let reason = "only public tables are read".into();
                verdict = Differencing::NotChecked { reason };
            }
            Some((comparison, question)) => {
                match comparison.compare(name, question, ticket.sequence(), shape.records, &behind) {
                    Ok(held) => {
                        verdict = held.verdict.clone();
                        history.clone_from(&held.pin);
                        cleared = Some(held);
                    }
                    Err(near) => return Err(stopped.insert(near).told(&mut verdict, &mut history)),
                }
            }
        }
        Ok(Answer { name: name.to_owned(), released, bytes })
    });
    let outcome = |decision, answer: Option<&Answer>| Outcome {
        decision,
        cells: answer.map(|answer| Cells {
            total: answer.released.notes().cells,
            withheld: answer.released.notes().withheld,
            secondary: answer.released.notes().secondary,
        }),
        differencing: verdict.clone(),
        result_hash: answer.map(|answer| crate::lock::hash(&answer.bytes)),
        format: answer.map(|_| to.format.to_owned()),
        path: answer.map(|_| to.path.to_owned()),
        duration: start.elapsed().into(),
        history: history.clone(),
    };
    match done {
        Ok(answer) => {
            ticket
                .outcome(outcome(Decision::Released, Some(&answer)))
                .map_err(|error| audit_trouble(&error))?;
            drop(cleared);
            Ok(answer)
        }
        Err(trouble) => {
            let code = trouble.diagnostics.first().map_or("", |diagnostic: &Diagnostic| diagnostic.code.0);
            let decision = match trouble.kind {
                Kind::Refused => Decision::Refused { rule: code.to_owned() },
                _ if code == crate::codes::CANCELLED.0 => Decision::Cancelled,
                Kind::Usage | Kind::Program | Kind::Warehouse | Kind::Internal => Decision::Failed,
            };
            ticket.outcome(outcome(decision, None)).map_err(|error| audit_trouble(&error))?;
            Err(trouble)
        }
    }
}

/// The release rules of the grounds, with the key of their agreements where rows of people may leave.
fn rules(grounds: &Grounds, reader: &mut dyn Reader) -> Result<Rules> {
    let terms = Terms {
        level: match grounds.level {
            Level::Count => release::Level::Count,
            Level::Aggregate => release::Level::Aggregate,
            Level::Record => release::Level::Record,
        },
        min_subjects: grounds.release.min_subjects,
        round_to: (grounds.release.round_to > 1).then_some(grounds.release.round_to),
        zeros: if grounds.release.zeros_shown { Zeros::Shown } else { Zeros::Withheld },
        dominance: release::Dominance {
            p: grounds.release.dominance.p.0,
            n: grounds.release.dominance.n,
            k: grounds.release.dominance.k.0,
        },
        margin: grounds.release.margin.0,
        difference: grounds.release.difference,
        frequency_min_subjects: grounds.release.frequency_min_subjects,
        allele_min_carriers: grounds.release.allele_min_carriers,
        pseudonym_key: match grounds.level {
            Level::Record => pseudonym_key(grounds, reader)?,
            Level::Count | Level::Aggregate => None,
        },
    };
    Rules::new(terms)
        .map_err(|error| Trouble::internal("the release rules are not lawful", error.to_string()))
}

/// The key for pseudonyms: of one agreement its own, of several the hash of all, so that results under
/// different agreements cannot be joined.
fn pseudonym_key(grounds: &Grounds, reader: &mut dyn Reader) -> Result<Option<Vec<u8>>> {
    if !has_table(reader, KEY_TABLE)? {
        return Ok(None);
    }
    let mut keys = String::new();
    for (name, _) in &grounds.agreements {
        let sql = format!("select key from {KEY_TABLE} where agreement = {}", literal(name));
        match texts(reader, &sql, 1)?.into_iter().flatten().next() {
            Some(key) => keys.push_str(&key),
            None => return Ok(None),
        }
    }
    Ok((!keys.is_empty()).then(|| crate::lock::hash(keys.as_bytes()).into_bytes()))
}

/// The ancestors of a disease in the warehouse and itself; `None` where it is no term in use.
fn ancestors(reader: &mut dyn Reader, disease: &str) -> Result<Option<Vec<String>>> {
    let id = literal(disease);
    if !has_table(reader, "ontology_term")? {
        return Ok(None);
    }
    if texts(reader, &format!("select id from ontology_term where id = {id} and not obsolete"), 1)?.is_empty()
    {
        return Ok(None);
    }
    let sql = format!("select ancestor from ontology_closure where descendant = {id} order by ancestor");
    let mut found: Vec<String> = texts(reader, &sql, 1)?.into_iter().flatten().collect();
    if !found.iter().any(|other| other == disease) {
        found.push(disease.to_owned());
        found.sort();
    }
    Ok(Some(found))
}

fn audit_trouble(error: &audit::Error) -> Trouble {
    Trouble::new(Kind::Warehouse, AUDIT, format!("nothing was given out: {error}"))
}

fn release_trouble(error: &release::Error) -> Trouble {
    match error {
        release::Error::LevelExceeded { .. } | release::Error::NoPseudonymKey => {
            Trouble::new(Kind::Refused, crate::codes::NOT_RELEASED, error.to_string())
        }
        release::Error::TooClose => Trouble::new(Kind::Refused, crate::codes::TOO_CLOSE, error.to_string())
            .help("compare cohorts that share nobody: `where subject not in …`"),
        release::Error::Malformed { .. } => {
            Trouble::internal("the result does not fit its plan", error.to_string())
        }
    }
}
