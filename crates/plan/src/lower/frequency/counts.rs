//! Counts of each allele in each group: eligible people, the call sets that looked, and the calls.

use super::members::copies;
use super::{ON_X, ON_Y, ONE, TWO, add, case, inner, int, is_one_of, left, subtract, word, zero};
use crate::expr::{Aggregate, AggregateFunction, Expr, Function, Type};
use crate::lower::groups::KeyPlan;
use crate::lower::{Lowering, block_of, from, named};
use crate::step::{Body, Select, StepId};
use types::Table;

impl Lowering<'_> {
    /// Counts of each allele in each group (or in all people): the step `…_counts`.
    pub(crate) fn group_counts(
        &mut self,
        (table, stem): (&Table, &str),
        alleles: StepId,
        people: StepId,
        keys: &[KeyPlan],
        groups: Groups<'_>,
    ) -> StepId {
        let name = |what: &str| format!("{stem}_{}{what}", if keys.is_empty() { "all_" } else { "" });
        let key_of = |alias: &str| -> Vec<(String, Expr)> {
            keys.iter().map(|key| (key.column.clone(), Expr::column(alias, &key.column, key.ty))).collect()
        };
        let exprs =
            |columns: &[(String, Expr)]| columns.iter().map(|(_, expr)| expr.clone()).collect::<Vec<Expr>>();
        let same = |a: &str, b: &str| -> Vec<Expr> {
            keys.iter()
                .map(|key| {
                    let (a, b) = (Expr::column(a, &key.column, key.ty), Expr::column(b, &key.column, key.ty));
                    if key.closed.is_some() { Expr::equal(a, b) } else { same_key(a, b) }
                })
                .collect()
        };
        let eligible = self.eligible(&name("eligible"), people, keys);
        let eligible = self.every_group(&name("groups"), eligible, keys, groups);
        // The same by call set, for the call sets that looked at an allele.
        let mut by = vec![("call_set_id".to_owned(), int("person", "call_set_id"))];
        by.extend(key_of("person"));
        let select = Select {
            group: Some(exprs(&by)),
            ..block_of(from(people, "person"), by.iter().cloned().chain(sizes(&Expr::count)).collect())
        };
        let sets = self.select(&name("sets"), "people of each call set and group", select);
        let looked = self.looked_at(table, alleles);
        let silent = self.silent_at(table, alleles, looked);
        let two_of = |alias: &str| {
            let class = || int("looked", "class");
            (
                case(
                    vec![
                        (Expr::equal(class(), Expr::int(TWO)), int(alias, "everyone")),
                        (Expr::equal(class(), Expr::int(ON_X)), int(alias, "x_two")),
                        (Expr::equal(class(), Expr::int(ON_Y)), int(alias, "y_two")),
                    ],
                    Expr::int(0),
                ),
                case(
                    vec![
                        (Expr::equal(class(), Expr::int(ONE)), int(alias, "everyone")),
                        (Expr::equal(class(), Expr::int(ON_X)), int(alias, "x_one")),
                        (Expr::equal(class(), Expr::int(ON_Y)), int(alias, "y_one")),
                    ],
                    Expr::int(0),
                ),
            )
        };
        let pairs = case(
            vec![
                (Expr::equal(int("looked", "class"), Expr::int(TWO)), int("set_size", "everyone")),
                (Expr::equal(int("looked", "class"), Expr::int(ON_X)), int("set_size", "xx")),
            ],
            Expr::int(0),
        );
        let (two, one) = two_of("set_size");
        let mut by = vec![("variant_id".to_owned(), int("looked", "variant_id"))];
        by.extend(key_of("set_size"));
        let select = Select {
            joins: vec![inner(
                from(sets, "set_size"),
                [Expr::equal(int("set_size", "call_set_id"), int("looked", "call_set_id"))],
            )],
            group: Some(exprs(&by)),
            ..block_of(
                from(looked, "looked"),
                by.iter()
                    .cloned()
                    .chain(named([
                        ("two", Expr::aggregate(AggregateFunction::Sum, two)),
                        ("one", Expr::aggregate(AggregateFunction::Sum, one)),
                        ("pairs", Expr::aggregate(AggregateFunction::Sum, pairs)),
                    ]))
                    .collect(),
            )
        };
        let called_sets =
            self.select(&name("looked"), "people whose call sets looked at each allele", select);
        let heard = (looked, silent);
        let called_sets = self.and_covered(&name("covered"), alleles, heard, people, called_sets, keys);
        let calls = self.call_counts(&name("calls"), heard, people, keys);
        // Every allele in every group.
        let class = || int("allele", "class");
        let eligible_people = case(
            vec![
                (
                    Expr::equal(class(), Expr::int(ON_X)),
                    add(int("eligible", "x_two"), int("eligible", "x_one")),
                ),
                (
                    Expr::equal(class(), Expr::int(ON_Y)),
                    add(int("eligible", "y_two"), int("eligible", "y_one")),
                ),
            ],
            int("eligible", "everyone"),
        );
        let looked_two = zero(int("looked", "two"));
        let looked_one = zero(int("looked", "one"));
        let of_calls = |column: &str| zero(int("calls", column));
        let two_known = subtract(looked_two, of_calls("missing_two"));
        let one_known = subtract(looked_one, of_calls("missing_one"));
        let an =
            add(subtract(add(two_known.clone(), two_known.clone()), of_calls("single")), one_known.clone());
        let ac = add(
            add(of_calls("het"), add(of_calls("hom"), of_calls("hom"))),
            add(of_calls("single_alt"), of_calls("hemi")),
        );
        let carriers =
            add(add(of_calls("het"), of_calls("hom")), add(of_calls("single_alt"), of_calls("hemi")));
        let full = add(subtract(two_known, of_calls("single")), one_known);
        let mut on_looked = vec![Expr::equal(int("looked", "variant_id"), int("allele", "variant_id"))];
        on_looked.extend(same("looked", "eligible"));
        let mut on_calls = vec![Expr::equal(int("calls", "variant_id"), int("allele", "variant_id"))];
        on_calls.extend(same("calls", "eligible"));
        let mut columns = vec![("variant_id".to_owned(), int("allele", "variant_id"))];
        columns.extend(key_of("eligible"));
        columns.extend(named([
            ("people", eligible_people.clone()),
            ("ac", ac),
            ("an", an),
            ("het", of_calls("het")),
            ("hom", of_calls("hom")),
            ("hemi", of_calls("hemi")),
            ("carriers", carriers),
            ("missing", subtract(eligible_people, full)),
            ("pairs", subtract(zero(int("looked", "pairs")), of_calls("pair_part"))),
            ("pair_het", of_calls("pair_het")),
            ("pair_hom", of_calls("pair_hom")),
        ]));
        let select = Select {
            joins: vec![
                inner(from(eligible, "eligible"), [Expr::bool(true)]),
                left(from(called_sets, "looked"), on_looked),
                left(from(calls, "calls"), on_calls),
            ],
            ..block_of(from(alleles, "allele"), columns)
        };
        self.select(&name("counts"), "each allele in each group", select)
    }

    /// Which call sets looked at each allele of the table.
    pub(crate) fn looked_at(&mut self, table: &Table, alleles: StepId) -> StepId {
        let key: &'static str = "looked_at";
        if let Some(step) = self.once.get(key) {
            return *step;
        }
        let step = self.records_of(&table.name, alleles);
        self.once.insert(key, step);
        step
    }

    /// Who is silent at which allele of the table, because another call set speaks for the sample.
    pub(crate) fn silent_at(&mut self, table: &Table, alleles: StepId, looked: StepId) -> StepId {
        if let Some(step) = self.once.get("silent_at") {
            return *step;
        }
        let step = self.silent(&table.name, alleles, looked);
        self.once.insert("silent_at", step);
        step
    }

    /// Which call sets looked at each allele, and whose record says so: the allele's own, or that of
    /// another allele at the same place, whose carriers do not carry this one but whose missing calls
    /// are missing here too; or none, where the call set covered everybody.
    pub(crate) fn records_of(&mut self, name: &str, alleles: StepId) -> StepId {
        let (Some(site), Some(variant)) = (self.model.find("site"), self.model.find("variant")) else {
            return alleles;
        };
        let (site, variant) = (self.guarded(site), self.guarded(variant));
        let same_place = [
            Expr::equal(word("other", "build"), word("allele", "build")),
            Expr::equal(word("other", "contig"), word("allele", "contig")),
            Expr::equal(int("other", "position"), int("allele", "position")),
        ];
        let own = Expr::equal(int("other", "variant_id"), int("allele", "variant_id"));
        let by = vec![int("allele", "variant_id"), int("allele", "class"), int("site", "call_set_id")];
        let select = Select {
            joins: vec![
                inner(from(variant, "other"), same_place),
                inner(
                    from(site, "site"),
                    [Expr::equal(int("site", "variant_id"), int("other", "variant_id"))],
                ),
            ],
            group: Some(by),
            ..block_of(
                from(alleles, "allele"),
                named([
                    ("variant_id", int("allele", "variant_id")),
                    ("class", int("allele", "class")),
                    ("call_set_id", int("site", "call_set_id")),
                    (
                        "own_record",
                        Expr::Aggregate(Box::new(Aggregate {
                            function: AggregateFunction::Max,
                            argument: Some(int("other", "variant_id")),
                            distinct: false,
                            filter: Some(own),
                        })),
                    ),
                    ("any_record", Expr::aggregate(AggregateFunction::Min, int("other", "variant_id"))),
                ]),
            )
        };
        let records = self.select(
            &format!("{name}_records"),
            "records of call sets at the place of each allele",
            select,
        );
        let select = block_of(
            from(records, "record"),
            named([
                ("variant_id", int("record", "variant_id")),
                ("class", int("record", "class")),
                ("call_set_id", int("record", "call_set_id")),
                (
                    "record_id",
                    Expr::Call(
                        Function::Coalesce,
                        vec![int("record", "own_record"), int("record", "any_record")],
                    ),
                ),
                ("own", int("record", "own_record").is_known()),
            ]),
        );
        let step = self.select(
            &format!("{name}_looked_at"),
            "which call sets looked at each allele, by which record",
            select,
        );
        // Where nothing is recorded, a call set speaks only for people whom it covered there.
        self.with_coverage(name, alleles, step)
    }

    /// Adds call sets without a record at the place that covered everybody there: all are reference.
    pub(crate) fn with_coverage(&mut self, name: &str, alleles: StepId, records: StepId) -> StepId {
        let Some(coverage) = self.model.find("coverage") else { return records };
        let Some(call_set) = self.model.find("call_set") else { return records };
        let (coverage, call_set) = (self.guarded(coverage), self.guarded(call_set));
        let select = Select {
            distinct: true,
            joins: vec![
                inner(
                    from(coverage, "coverage"),
                    [
                        Expr::equal(word("coverage", "contig"), word("allele", "contig")),
                        Expr::at_most(int("coverage", "start_position"), int("allele", "position")),
                        Expr::at_most(int("allele", "position"), int("coverage", "end_position")),
                    ],
                ),
                of_build(call_set, "coverage"),
            ],
            filter: Some(Expr::and([
                Expr::column("coverage", "covered_by_all", Type::Bool),
                Expr::InStep {
                    values: vec![int("allele", "variant_id"), int("coverage", "call_set_id")],
                    step: records,
                    columns: vec!["variant_id".to_owned(), "call_set_id".to_owned()],
                }
                .not(),
            ])),
            ..block_of(
                from(alleles, "allele"),
                named([
                    ("variant_id", int("allele", "variant_id")),
                    ("class", int("allele", "class")),
                    ("call_set_id", int("coverage", "call_set_id")),
                    ("record_id", Expr::null(Type::Int)),
                    ("own", Expr::bool(false)),
                ]),
            )
        };
        let recorded = block_of(
            from(records, "record"),
            named([
                ("variant_id", int("record", "variant_id")),
                ("class", int("record", "class")),
                ("call_set_id", int("record", "call_set_id")),
                ("record_id", int("record", "record_id")),
                ("own", Expr::column("record", "own", Type::Bool)),
            ]),
        );
        self.step(
            &format!("{name}_covered"),
            "and call sets that covered everybody there",
            Body::UnionAll(vec![recorded, select]),
        )
    }

    /// The people of each group, each once whatever the number of call sets.
    pub(crate) fn eligible(&mut self, name: &str, people: StepId, keys: &[KeyPlan]) -> StepId {
        let distinct = |filter: Option<Expr>| {
            Expr::Aggregate(Box::new(Aggregate {
                function: AggregateFunction::Count,
                argument: Some(word("person", "subject_id")),
                distinct: true,
                filter,
            }))
        };
        let by: Vec<(String, Expr)> = keys
            .iter()
            .map(|key| (key.column.clone(), Expr::column("person", &key.column, key.ty)))
            .collect();
        let select = Select {
            group: Some(by.iter().map(|(_, expr)| expr.clone()).collect()),
            ..block_of(from(people, "person"), by.iter().cloned().chain(sizes(&distinct)).collect())
        };
        self.select(name, "people of each group, by copies expected on X and Y", select)
    }

    /// Every combination of the domains, and of the values of open keys that were found: groups of
    /// nobody are groups too.
    fn every_group(&mut self, name: &str, eligible: StepId, keys: &[KeyPlan], groups: Groups<'_>) -> StepId {
        if groups.domains.is_empty() && groups.found.is_none() {
            return eligible;
        }
        let mut sources = Vec::new();
        let mut columns = Vec::new();
        let mut on = Vec::new();
        let open: Vec<&KeyPlan> = keys.iter().filter(|key| key.closed.is_none()).collect();
        for (at, step) in groups.domains {
            let Some(key) = keys.get(*at) else { continue };
            let place = int(&key.column, "place");
            on.push(Expr::equal(int("eligible", &key.column), place.clone()));
            columns.push((key.column.clone(), place));
            sources.push(from(*step, &key.column));
        }
        if !open.is_empty() {
            let found = match groups.found {
                Some(found) => found,
                None => self.found(&format!("{name}_found"), &[eligible], keys),
            };
            sources.push(from(found, "found"));
            for key in open {
                let found = Expr::column("found", &key.column, key.ty);
                on.push(same_key(Expr::column("eligible", &key.column, key.ty), found.clone()));
                columns.push((key.column.clone(), found));
            }
        }
        for size in SIZES {
            columns.push((size.to_owned(), zero(int("eligible", size))));
        }
        let mut sources = sources.into_iter();
        let Some(first) = sources.next() else { return eligible };
        let mut select = block_of(first, columns);
        select.joins.extend(sources.map(|source| inner(source, [Expr::bool(true)])));
        select.joins.push(left(from(eligible, "eligible"), on));
        self.select(name, "every group, also of nobody", select)
    }

    /// The values of open keys that are found in any of several steps.
    pub(crate) fn found(&mut self, name: &str, steps: &[StepId], keys: &[KeyPlan]) -> StepId {
        let columns = |alias: &str| -> Vec<(String, Expr)> {
            let open = keys.iter().filter(|key| key.closed.is_none());
            open.map(|key| (key.column.clone(), Expr::column(alias, &key.column, key.ty))).collect()
        };
        let comment = "the values of keys that were found";
        if let [one] = steps {
            let select = Select { distinct: true, ..block_of(from(*one, "one"), columns("one")) };
            return self.select(name, comment, select);
        }
        let parts = steps.iter().map(|step| block_of(from(*step, "one"), columns("one"))).collect();
        let all = self.step(&format!("{name}_all"), "the values of keys", Body::UnionAll(parts));
        let select = Select { distinct: true, ..block_of(from(all, "one"), columns("one")) };
        self.select(name, comment, select)
    }

    /// Adds people who were covered at an allele that their call set has no record for: they are
    /// reference there, and the others of the call set are missing.
    fn and_covered(
        &mut self,
        name: &str,
        alleles: StepId,
        (looked, silent): (StepId, StepId),
        people: StepId,
        called_sets: StepId,
        keys: &[KeyPlan],
    ) -> StepId {
        let key_of = |alias: &str| -> Vec<(String, Expr)> {
            keys.iter().map(|key| (key.column.clone(), Expr::column(alias, &key.column, key.ty))).collect()
        };
        let exprs =
            |columns: &[(String, Expr)]| columns.iter().map(|(_, expr)| expr.clone()).collect::<Vec<Expr>>();
        let has = |count: i64| {
            Expr::count(Some(Expr::equal(copies(int("allele", "class"), "person"), Expr::int(count))))
        };
        let pair = || Expr::count(Some(is_pair(int("allele", "class"), "person")));
        let mut by = vec![("variant_id".to_owned(), int("allele", "variant_id"))];
        by.extend(key_of("person"));
        let Some(covered) = self.covered_alone(alleles, looked, people, "person") else {
            return called_sets;
        };
        let heard = Self::heard(silent, "allele", "person");
        let select = Select {
            filter: Some(Expr::and(covered.filter.into_iter().chain([heard]))),
            group: Some(exprs(&by)),
            columns: by
                .iter()
                .cloned()
                .chain(named([("two", has(2)), ("one", has(1)), ("pairs", pair())]))
                .collect(),
            ..covered
        };
        let covered = self.select(name, "people who were covered where their call set has no record", select);
        let part = |step, alias: &str| {
            let mut columns = vec![("variant_id".to_owned(), int(alias, "variant_id"))];
            columns.extend(key_of(alias));
            columns.extend(named(["two", "one", "pairs"].map(|column| (column, int(alias, column)))));
            block_of(from(step, alias), columns)
        };
        // Whoever is silent was counted with the whole call set, and is taken out again.
        let less = |count: Expr| subtract(Expr::int(0), count);
        let select = Select {
            joins: vec![
                inner(
                    from(alleles, "allele"),
                    [Expr::equal(int("allele", "variant_id"), int("silent", "variant_id"))],
                ),
                inner(
                    from(people, "person"),
                    [
                        Expr::equal(int("person", "call_set_id"), int("silent", "call_set_id")),
                        Expr::equal(int("person", "ordinal"), int("silent", "ordinal")),
                    ],
                ),
            ],
            filter: Some(Expr::column("silent", "by_set", Type::Bool)),
            group: Some(exprs(&by)),
            ..block_of(
                from(silent, "silent"),
                by.iter()
                    .cloned()
                    .chain(named([("two", less(has(2))), ("one", less(has(1))), ("pairs", less(pair()))]))
                    .collect(),
            )
        };
        let twice =
            self.select(&format!("{name}_twice"), "people whom several call sets counted, less one", select);
        let both =
            Body::UnionAll(vec![part(called_sets, "looked"), part(covered, "covered"), part(twice, "twice")]);
        let both = self.step(&format!("{name}_or_looked"), "both", both);
        let mut by = vec![("variant_id".to_owned(), int("part", "variant_id"))];
        by.extend(key_of("part"));
        let sum = |column: &str| Expr::aggregate(AggregateFunction::Sum, int("part", column));
        let select = Select {
            group: Some(exprs(&by)),
            ..block_of(
                from(both, "part"),
                by.iter()
                    .cloned()
                    .chain(named(["two", "one", "pairs"].map(|column| (column, sum(column)))))
                    .collect(),
            )
        };
        self.select(&format!("{name}_all"), "people who were looked at, at each allele", select)
    }

    /// The calls of the people who are counted, at each allele: `code` is that of the allele, also where
    /// only the record of another allele at the place speaks.
    pub(crate) fn calls_of(
        &mut self,
        name: &str,
        (looked, silent): (StepId, StepId),
        people: StepId,
        keys: &[KeyPlan],
    ) -> StepId {
        let Some(call) = self.model.find("call") else { return looked };
        let call = self.guarded(call);
        let own = || Expr::column("looked", "own", Type::Bool);
        // A carrier of another allele at the place does not carry this one.
        let code = case(
            vec![
                (own(), int("call", "call")),
                (Expr::equal(int("call", "call"), Expr::int(3)), Expr::int(3)),
                (is_one_of(int("call", "call"), &[4, 5]), Expr::int(4)),
            ],
            Expr::int(0),
        );
        let mut columns = named([
            ("variant_id", int("looked", "variant_id")),
            ("subject_id", word("person", "subject_id")),
            ("code", code),
            ("copies", copies(int("looked", "class"), "person")),
            ("pair", is_pair(int("looked", "class"), "person")),
        ]);
        columns
            .extend(keys.iter().map(|key| (key.column.clone(), Expr::column("person", &key.column, key.ty))));
        let select = Select {
            joins: vec![
                inner(
                    from(call, "call"),
                    [
                        Expr::equal(int("call", "call_set_id"), int("looked", "call_set_id")),
                        Expr::equal(int("call", "variant_id"), int("looked", "record_id")),
                    ],
                ),
                inner(
                    from(people, "person"),
                    [
                        Expr::equal(int("person", "call_set_id"), int("call", "call_set_id")),
                        Expr::equal(int("person", "ordinal"), int("call", "ordinal")),
                    ],
                ),
            ],
            filter: Some(Self::heard(silent, "looked", "person")),
            ..block_of(from(looked, "looked"), columns)
        };
        self.select(&format!("{name}_rows"), "calls of the people who are counted", select)
    }

    /// Counts of calls by class, for each allele and group.
    fn call_counts(
        &mut self,
        name: &str,
        heard: (StepId, StepId),
        people: StepId,
        keys: &[KeyPlan],
    ) -> StepId {
        let rows = self.calls_of(name, heard, people, keys);
        let two = || Expr::equal(int("call", "copies"), Expr::int(2));
        let one = || Expr::equal(int("call", "copies"), Expr::int(1));
        let pair = || Expr::column("call", "pair", Type::Bool);
        let code = |codes: &[i64]| is_one_of(int("call", "code"), codes);
        let count = |tests: [Expr; 2]| Expr::count(Some(Expr::and(tests)));
        let mut by = vec![("variant_id".to_owned(), int("call", "variant_id"))];
        by.extend(keys.iter().map(|key| (key.column.clone(), Expr::column("call", &key.column, key.ty))));
        let select = Select {
            group: Some(by.iter().map(|(_, expr)| expr.clone()).collect()),
            ..block_of(
                from(rows, "call"),
                by.iter()
                    .cloned()
                    .chain(named([
                        ("het", count([two(), code(&[1])])),
                        ("hom", count([two(), code(&[2])])),
                        ("single_alt", count([two(), code(&[5])])),
                        ("single", count([two(), code(&[4, 5])])),
                        ("missing_two", count([two(), code(&[3])])),
                        ("hemi", count([one(), code(&[2, 5])])),
                        ("missing_one", count([one(), code(&[1, 3])])),
                        ("pair_het", count([pair(), code(&[1])])),
                        ("pair_hom", count([pair(), code(&[2])])),
                        ("pair_part", count([pair(), code(&[3, 4, 5])])),
                    ]))
                    .collect(),
            )
        };
        self.select(
            name,
            "calls by class: het, hom, one known allele, missing, and where one copy is expected",
            select,
        )
    }
}

/// The call set of an interval, of the build of the allele: contigs of two builds have the same names.
pub(super) fn of_build(call_set: StepId, interval: &str) -> crate::step::Join {
    inner(
        from(call_set, "call_set"),
        [
            Expr::equal(int("call_set", "call_set_id"), int(interval, "call_set_id")),
            Expr::equal(word("call_set", "build"), word("allele", "build")),
        ],
    )
}

/// The numbers of people of a group.
const SIZES: [&str; 7] = ["everyone", "x_two", "x_one", "y_two", "y_one", "xx", "x_or_y"];

fn sizes(counted: &dyn Fn(Option<Expr>) -> Expr) -> Vec<(String, Expr)> {
    let number = |column: &str, copies: i64| Expr::equal(int("person", column), Expr::int(copies));
    named([
        ("everyone", counted(None)),
        ("x_two", counted(Some(number("copies_x", 2)))),
        ("x_one", counted(Some(number("copies_x", 1)))),
        ("y_two", counted(Some(number("copies_y", 2)))),
        ("y_one", counted(Some(number("copies_y", 1)))),
        ("xx", counted(Some(is_xx("person")))),
        (
            "x_or_y",
            counted(Some(Expr::Or(vec![
                Expr::less(Expr::int(0), int("person", "copies_x")),
                Expr::less(Expr::int(0), int("person", "copies_y")),
            ]))),
        ),
    ])
}

/// Two X and no Y: whose calls on X are tested for Hardy-Weinberg equilibrium.
fn is_xx(person: &str) -> Expr {
    Expr::and([
        Expr::equal(int(person, "copies_x"), Expr::int(2)),
        Expr::equal(int(person, "copies_y"), Expr::int(0)),
    ])
}

/// Whether a person's call is one of a pair that Hardy-Weinberg equilibrium speaks of.
fn is_pair(class: Expr, person: &str) -> Expr {
    Expr::Or(vec![
        Expr::equal(class.clone(), Expr::int(TWO)),
        Expr::and([Expr::equal(class, Expr::int(ON_X)), is_xx(person)]),
    ])
}

/// Whether two keys without a domain are the same, null too.
pub(super) fn same_key(a: Expr, b: Expr) -> Expr {
    Expr::Or(vec![Expr::equal(a.clone(), b.clone()), Expr::And(vec![a.is_null(), b.is_null()])])
}

/// Which groups of people there are.
#[derive(Clone, Copy, Default)]
pub(crate) struct Groups<'a> {
    /// The values of keys with a closed domain: the place of the key, and its step.
    pub(crate) domains: &'a [(usize, StepId)],
    /// The values of the other keys, where several frequencies share them.
    pub(crate) found: Option<StepId>,
}
