//! `inherited(TRIO, ALLELES, depth: N, affected: COHORT)`: candidates of a child by mode of inheritance
//! (language.md section 4, "Inheritance").
//!
//! Which genotypes make a mode is written in the language, in `stdlib/inheritance.bq`, on rows that the
//! compiler makes: `transmission`, an allele of the child beside its parents' genotypes, and `relative`, a
//! person of the family beside an allele or two. Here these definitions are read, each into a condition.

use super::effects::effect_conditions;
use super::expr::truth;
use super::{Checked, Checker};
use crate::inherited::{Inherited, Mode, Pair};
use crate::query::{CohortId, Comparison, EachOther, Expr, Kind, Row, Rows, RowsSource, RowsStep, Value};
use crate::ty::Type;
use diag::{Code, Diagnostic};
use model::derived;
use syntax::tree::{self, Argument};
use text::Range;

/// How it is written.
const USAGE: &str =
    "`inherited(trio, proband.variants (…), depth: 10, affected: COHORT)`; the last two may be left out";

/// What `inherited` was given.
#[derive(Default)]
struct Given<'t> {
    family: Option<&'t Argument>,
    alleles: Option<&'t Argument>,
    depth: Option<&'t Argument>,
    affected: Option<&'t Argument>,
}

impl Checker<'_> {
    pub(crate) fn inherited(&mut self, arguments: &[Argument], call: tree::Span) -> Checked {
        let range = self.range(call);
        let derived = [derived::TRANSMISSION, derived::RELATIVE, derived::CANDIDATE]
            .map(|name| self.model().find_derived(name));
        let [Some(transmission), Some(relative), Some(candidate)] = derived else {
            self.report(
                Diagnostic::error(
                    Code("E0240"),
                    "this model has no genotypes of people whose parents it knows",
                    range,
                    "of which child and parents?",
                )
                .note("`inherited` needs subjects with a to-one `mother` and `father`, and carried alleles"),
            );
            return Checked::Error;
        };
        let Some(given) = self.arguments_of_inherited(arguments, range) else { return Checked::Error };
        let Some(family) = given.family else { return Checked::Error };
        let around = self.family(family);
        let alleles = given.alleles.map(|argument| {
            let at = self.range(argument.value.span);
            (self.expr(&argument.value, None), at)
        });
        let depth = match given.depth {
            Some(argument) => self.depth(argument).map(Some),
            None => Some(None),
        };
        let affected = match given.affected {
            Some(argument) => self.affected(argument).map(Some),
            None => Some(None),
        };
        let (Some((around, child, mother, father)), Some((alleles, at)), Some(depth), Some(affected)) =
            (around, alleles, depth, affected)
        else {
            return Checked::Error;
        };
        let Some(alleles) = self.alleles_of(alleles, &child, at) else { return Checked::Error };
        let fresh = |checker: &mut Self, entity| Row { id: checker.fresh_row(), hops: Vec::new(), entity };
        let transmission = fresh(self, transmission);
        let relative = fresh(self, relative);
        let candidate = fresh(self, candidate);
        let genes = alleles.steps.iter().flat_map(|step| &step.conditions).flat_map(effect_conditions);
        let genes = genes.collect();
        let Some((modes, pair)) = self.modes(&transmission, &relative, call) else { return Checked::Error };
        let inherited = Inherited {
            child,
            mother,
            father,
            alleles,
            genes,
            depth,
            affected,
            transmission,
            relative,
            modes,
            pair,
            range,
        };
        Checked::Many(
            Box::new(Rows {
                around,
                steps: vec![RowsStep {
                    source: RowsSource::Inherited(Box::new(inherited)),
                    row: candidate.clone(),
                    conditions: Vec::new(),
                    bounds: Vec::new(),
                }],
                each_other: EachOther::default(),
                words: "candidates".to_owned(),
            }),
            Box::new(Checked::Row(candidate, range)),
        )
    }

    fn arguments_of_inherited<'t>(&mut self, arguments: &'t [Argument], range: Range) -> Option<Given<'t>> {
        let mut given = Given::default();
        for argument in arguments {
            let plain = argument.condition.is_none() && argument.by.is_none();
            let slot = match argument.name.as_ref().map(|name| name.text.as_str()) {
                None if given.family.is_none() => &mut given.family,
                None if given.alleles.is_none() => &mut given.alleles,
                Some("depth") => &mut given.depth,
                Some("affected") => &mut given.affected,
                None | Some(_) => {
                    self.no_place(argument);
                    return None;
                }
            };
            if slot.is_some() || !plain {
                self.no_place(argument);
                return None;
            }
            *slot = Some(argument);
        }
        if given.family.is_none() || given.alleles.is_none() {
            self.report(
                Diagnostic::error(
                    Code("E0240"),
                    "`inherited` takes a trio or a subject, and alleles that the child carries",
                    range,
                    format!("{} arguments", arguments.len()),
                )
                .help(format!("it is written {USAGE}")),
            );
            return None;
        }
        Some(given)
    }

    fn no_place(&mut self, argument: &Argument) {
        let at = self.range(argument.span);
        self.report(
            Diagnostic::error(
                Code("E0240"),
                "`inherited` has no place for this value",
                at,
                "one too many, or of another name",
            )
            .help(format!("it is written {USAGE}")),
        );
    }

    /// The row around with the child's and the parents' rows: of a trio, or of a subject, whose parents may
    /// not be there.
    fn family(&mut self, argument: &Argument) -> Option<(Row, Row, Row, Row)> {
        let at = self.range(argument.value.span);
        let row = match self.expr(&argument.value, None) {
            Checked::Row(row, _) => row,
            Checked::Error => return None,
            _ => {
                self.no_family(at);
                return None;
            }
        };
        let subject = self.model().subject()?;
        let hop = |name: &str| {
            let entity = self.model().entity(row.entity);
            let relation = entity.find_relation(name)?;
            let declared = entity.relation(relation);
            (!declared.many && declared.target == subject).then(|| row.hop(relation, subject))
        };
        let child = if row.entity == subject { Some(row.clone()) } else { hop("proband") };
        let (Some(child), Some(mother), Some(father)) = (child, hop("mother"), hop("father")) else {
            self.no_family(at);
            return None;
        };
        Some((row, child, mother, father))
    }

    fn no_family(&mut self, at: Range) {
        self.report(
            Diagnostic::error(
                Code("E0240"),
                "`inherited` starts from one child: a trio, or a subject",
                at,
                "neither",
            )
            .note("of a trio both parents are there and permitted; a subject's parents may be missing, and then nothing is certain that needs them")
            .help("`from trios for each candidate in inherited(trio, proband.variants (…))`")
            .help("`from subjects for each candidate in inherited(subject, variants (…))`"),
        );
    }

    /// Carried alleles of the child, in one step.
    fn alleles_of(&mut self, checked: Checked, child: &Row, at: Range) -> Option<Rows> {
        if let Checked::Error = checked {
            return None;
        }
        if let Checked::Many(rows, tail) = checked
            && matches!(*tail, Checked::Row(..))
            && rows.around == *child
            && rows.each_other == EachOther::default()
            && let [step] = rows.steps.as_slice()
            && matches!(step.source, RowsSource::Carried { .. })
        {
            return Some(*rows);
        }
        self.report(
            Diagnostic::error(
                Code("E0241"),
                "`inherited` looks at alleles that this child carries",
                at,
                "not the child's alleles",
            )
            .note(
                "a parent's genotype is read at the same alleles; the parents' own alleles are not looked at",
            )
            .help("of a trio: `proband.variants (…)`; of a subject: `variants (…)`"),
        );
        None
    }

    fn depth(&mut self, argument: &Argument) -> Option<i64> {
        let value = self.value(&argument.value, Some(&Type::Int))?;
        match &value.kind {
            Kind::Literal(Value::Int(depth)) if *depth >= 0 => Some(*depth),
            _ => {
                self.error(
                    "E0240",
                    "`depth` is a number of reads, written out or a parameter",
                    value.range,
                    "a whole number was expected",
                );
                None
            }
        }
    }

    fn affected(&mut self, argument: &Argument) -> Option<CohortId> {
        let at = self.range(argument.value.span);
        match self.expr(&argument.value, None) {
            Checked::Cohort(cohort, _) => Some(cohort),
            Checked::Error => None,
            _ => {
                self.report(
                    Diagnostic::error(
                        Code("E0240"),
                        "`affected` is a cohort: the people who have the condition",
                        at,
                        "not a cohort",
                    )
                    .help("`cohort affected = from subjects where …`, and then `affected: affected`"),
                );
                None
            }
        }
    }

    /// The modes, as the library defines them.
    fn modes(&mut self, transmission: &Row, relative: &Row, range: tree::Span) -> Option<(Vec<Mode>, Pair)> {
        let mut modes = Vec::new();
        let mut pair = None;
        for name in derived::MODES {
            let affects = self.library(relative, &format!("affected_if_{name}"), range)?;
            let name = name.to_owned();
            if name == "compound_het" {
                pair = Some(Pair {
                    may: self.library(transmission, "one_of_two", range)?,
                    from_mother: self.library(transmission, "from_mother", range)?,
                    from_father: self.library(transmission, "from_father", range)?,
                    name,
                    affects,
                });
            } else {
                modes.push(Mode { holds: self.library(transmission, &name, range)?, name, affects });
            }
        }
        Some((modes, pair?))
    }

    /// A condition of the library on a row that the compiler makes.
    fn library(&mut self, row: &Row, name: &str, span: tree::Span) -> Option<Expr> {
        let range = self.range(span);
        let word = tree::Name { text: name.to_owned(), quoted: false, span };
        match self.member_of_row(row, &word, None) {
            Some(Checked::One(value)) if value.ty == Type::Bool => Some(value),
            Some(Checked::Error) => None,
            Some(_) | None => {
                let entity = self.model().entity(row.entity).name.clone();
                self.report(
                    Diagnostic::error(
                        Code("E0240"),
                        format!("the library has no condition `{entity}.{name}`"),
                        range,
                        "needed here",
                    )
                    .note("`stdlib/inheritance.bq` defines the modes of inheritance"),
                );
                None
            }
        }
    }

    /// `candidate.variants`: the one or two alleles of a candidate, as the child carries them.
    pub(crate) fn alleles_of_candidate(&mut self, row: &Row, range: Range) -> Option<Checked> {
        let entity = self.model().entity(row.entity);
        let child = entity.find_relation("child")?;
        let columns = [entity.find_column("first_variant_id")?, entity.find_column("second_variant_id")?];
        let subject = entity.relation(child).target;
        let Checked::Many(mut rows, tail) = self.carried(&row.hop(child, subject), range)? else {
            return None;
        };
        let step = rows.steps.last_mut()?;
        let own = self.model().entity(step.row.entity).key.first().copied()?;
        let own = self.column(&step.row, own, range);
        let tests = columns.map(|column| {
            let of = self.column(row, column, range);
            let (ty, label) = (of.ty.clone(), of.label);
            // No allele has number 0: a candidate of one allele has no second one.
            let of = Expr { kind: Kind::OrElse(Box::new(of), Value::Int(0)), ty, label, range };
            truth(label, Kind::Compare(Comparison::Equal, Box::new(own.clone()), Box::new(of)), range)
        });
        step.conditions.push(truth(model::ColumnLabel::Sensitive, Kind::Or(tests.into()), range));
        Some(Checked::Many(rows, tail))
    }
}
