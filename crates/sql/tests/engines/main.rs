//! Printed plans run on DuckDB and on Postgres: every function on edge values against an independent
//! evaluation, three-valued logic, and the shapes of select blocks. What comes is the rows of both: where
//! they differ a test fails, whatever it expects.

#![expect(clippy::panic, reason = "a test says what it found by failing")]

mod blocks;
mod decimals;
mod golden;
mod logic;
mod numbers;
mod postgres;

pub(crate) mod support {
    //! A table of literal rows, a plan over it, and its rows as text.

    use plan::{Body, Expr, Order, Plan, Select, Shape, Source, Step, StepId, Type};
    use sql::{Dialect, Statement};
    use std::sync::atomic::{AtomicU32, Ordering};

    /// The same table on both engines; on DuckDB alone where there is no Postgres.
    pub(crate) struct Warehouse {
        pub(crate) duckdb: duckdb::Connection,
        pub(crate) postgres: Option<postgres::Client>,
    }

    /// A warehouse with one table `t`, made from column declarations and rows in SQL.
    pub(crate) fn table(columns: &str, rows: &[String]) -> Warehouse {
        let duckdb = duckdb::Connection::open_in_memory().expect("DuckDB opens");
        let mut postgres = postgres();
        duckdb.execute_batch(&format!("CREATE TABLE t ({columns})")).expect("the table is made");
        if let Some(postgres) = &mut postgres {
            let columns = columns.replace("HUGEINT", "NUMERIC");
            postgres.batch_execute(&format!("CREATE TABLE t ({columns})")).expect("the table is made");
        }
        for rows in rows.chunks(500) {
            let insert = format!("INSERT INTO t VALUES {}", rows.join(", "));
            duckdb.execute_batch(&insert).expect("the rows go in");
            if let Some(postgres) = &mut postgres {
                postgres.batch_execute(&insert).unwrap_or_else(|error| panic!("{error:?}"));
            }
        }
        Warehouse { duckdb, postgres }
    }

    /// The same on DuckDB alone, for values that Postgres does not have.
    pub(crate) fn table_of_duckdb(columns: &str, rows: &[String]) -> Warehouse {
        let duckdb = duckdb::Connection::open_in_memory().expect("DuckDB opens");
        duckdb
            .execute_batch(&format!("CREATE TABLE t ({columns}); INSERT INTO t VALUES {}", rows.join(", ")))
            .expect("the table is made");
        Warehouse { duckdb, postgres: None }
    }

    /// An empty database whose texts are not in the order of their bytes.
    pub(crate) fn postgres() -> Option<postgres::Client> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let cluster = cluster::for_test()?;
        let name = format!("t{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let url = cluster.database_of_place(&name, "en-US").unwrap_or_else(|reason| panic!("{reason}"));
        Some(postgres::Client::connect(&url, postgres::NoTls).unwrap_or_else(|error| panic!("{error:?}")))
    }

    /// Rows as text, null as `None`.
    pub(crate) type Rows = Vec<Vec<Option<String>>>;

    pub(crate) fn column(name: &str, ty: Type) -> Expr {
        Expr::column("t", name, ty)
    }

    pub(crate) fn select(from: Source, columns: Vec<(&str, Expr)>) -> Select {
        let columns = columns.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Select { distinct: false, columns, from, joins: Vec::new(), filter: None, group: None }
    }

    pub(crate) fn public() -> Source {
        Source::Public { table: "t".into(), alias: "t".into() }
    }

    pub(crate) fn earlier(step: u32) -> Source {
        Source::Step { step: StepId(step), alias: "t".into() }
    }

    /// A step whose columns are those of its (first) block.
    pub(crate) fn step(name: &str, body: Body) -> Step {
        let first = match &body {
            Body::Select(select) | Body::Recursive { first: select, .. } => select,
            Body::UnionAll(all) => &all[0],
            Body::Values(_) => panic!("values carry no types"),
        };
        let columns = first.columns.iter().map(|(name, value)| (name.clone(), value.ty())).collect();
        Step { name: name.into(), comment: format!("Makes {name}."), fence: false, body, columns }
    }

    /// A plan in the order of its first column.
    pub(crate) fn plan(steps: Vec<Step>) -> Plan {
        let (name, ty) = steps.last().expect("a step").columns[0].clone();
        let key = Expr::column("result", &name, ty);
        let order = vec![Order { key, descending: false, nulls_first: true }];
        Plan { steps, order, shape: Shape::default() }
    }

    pub(crate) fn statement(plan: &Plan) -> Statement {
        statement_for(plan, Dialect::DuckDb)
    }

    pub(crate) fn statement_for(plan: &Plan, dialect: Dialect) -> Statement {
        let statement = sql::build(plan, dialect).unwrap_or_else(|error| panic!("{error}"));
        calls_are_listed(statement.text());
        statement
    }

    /// Every called word in small letters is a function of the list.
    fn calls_are_listed(text: &str) {
        for (place, _) in text.match_indices('(') {
            let before = &text[..place];
            let start =
                before.rfind(|c: char| !c.is_ascii_alphanumeric() && c != '_').map_or(0, |end| end + 1);
            let word = &before[start..];
            let called = word.starts_with(|c: char| c.is_ascii_lowercase());
            assert!(!called || sql::FUNCTIONS.contains(&word), "{word} is not listed");
        }
    }

    /// The rows of a plan as text, which are the same on both engines.
    pub(crate) fn rows(warehouse: &mut Warehouse, plan: &Plan) -> Rows {
        let rows = rows_of_duckdb(&warehouse.duckdb, plan);
        if let Some(postgres) = &mut warehouse.postgres {
            let other = rows_of_postgres(postgres, plan);
            for (row, other) in rows.iter().zip(&other) {
                assert_eq!(row, other, "DuckDB on the left, Postgres on the right");
            }
            assert_eq!(rows.len(), other.len());
        }
        rows
    }

    pub(crate) fn rows_of_duckdb(connection: &duckdb::Connection, plan: &Plan) -> Rows {
        let statement = statement(plan);
        types_are_right(connection, &statement);
        let width = statement.columns().len();
        let text = format!("SELECT CAST(COLUMNS(*) AS VARCHAR) FROM ({})", statement.text());
        let mut prepared = connection.prepare(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        let rows = prepared.query_map([], |row| (0..width).map(|place| row.get(place)).collect());
        let rows = rows.unwrap_or_else(|error| panic!("{error}\n{text}"));
        rows.map(|row| row.unwrap_or_else(|error| panic!("{error}\n{text}"))).collect()
    }

    /// The rows that Postgres gives, in the words of DuckDB.
    pub(crate) fn rows_of_postgres(client: &mut postgres::Client, plan: &Plan) -> Rows {
        let statement = statement_for(plan, Dialect::Postgres);
        let text = statement.text();
        let types = client.prepare(text).unwrap_or_else(|error| panic!("{error:?}\n{text}"));
        for (column, (name, ty)) in types.columns().iter().zip(statement.columns()) {
            let found = column.type_().name();
            let right = match ty {
                Type::Bool => "bool",
                Type::Int => "int8",
                Type::Decimal => "numeric",
                Type::Text => "text",
                Type::Date => "date",
                Type::Instant => "timestamp",
                Type::TextList => "_text",
            };
            let varchar = *ty == Type::Text && found == "varchar";
            assert!(found == right || varchar, "{name} is {found} and not {right}\n{text}");
        }
        let messages = client.simple_query(text).unwrap_or_else(|error| panic!("{error:?}\n{text}"));
        let mut rows = Vec::new();
        for message in messages {
            let postgres::SimpleQueryMessage::Row(row) = message else { continue };
            let cell = |(at, (_, ty)): (usize, &(String, Type))| {
                let text = row.get(at)?;
                Some(match ty {
                    Type::Bool => if text == "t" { "true" } else { "false" }.to_owned(),
                    Type::Decimal => {
                        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
                        assert!(part.trim_end_matches('0').len() <= 12, "{text} has more than 12 places");
                        format!("{whole}.{:0<12}", part.get(..12).unwrap_or(part))
                    }
                    Type::TextList => text.replace('{', "[").replace('}', "]").replace(',', ", "),
                    Type::Int | Type::Text | Type::Date | Type::Instant => text.to_owned(),
                })
            };
            rows.push(statement.columns().iter().enumerate().map(cell).collect());
        }
        rows
    }

    /// The engine's types are those of the plan.
    fn types_are_right(connection: &duckdb::Connection, statement: &Statement) {
        let text = format!("SELECT column_type FROM (DESCRIBE {})", statement.text());
        let mut prepared = connection.prepare(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        let found = prepared.query_map([], |row| row.get::<_, String>(0)).expect("DESCRIBE gives types");
        let found: Vec<String> = found.map(|ty| ty.expect("a type")).collect();
        let right = statement.columns().iter().zip(&found).all(|((_, ty), found)| match ty {
            Type::Bool => found == "BOOLEAN",
            Type::Int => found == "BIGINT",
            Type::Decimal => found == "DECIMAL(30,12)" || found == "DECIMAL(38,12)",
            Type::Text => found == "VARCHAR",
            Type::Date => found == "DATE",
            Type::Instant => found == "TIMESTAMP",
            Type::TextList => found == "VARCHAR[]",
        });
        assert!(
            right && found.len() == statement.columns().len(),
            "{:?} are {found:?}\n{}",
            statement.columns(),
            statement.text()
        );
    }

    /// One select over `t`, ordered by the key `id`.
    pub(crate) fn over_t(warehouse: &mut Warehouse, mut columns: Vec<(&str, Expr)>) -> Rows {
        columns.insert(0, ("id", column("id", Type::Int)));
        rows(warehouse, &plan(vec![step("result", Body::Select(select(public(), columns)))]))
    }

    pub(crate) fn call(function: plan::Function, arguments: &[Expr]) -> Expr {
        Expr::Call(function, arguments.to_vec())
    }

    /// Numbers that look random and are the same in every run.
    pub(crate) struct Dice(pub(crate) u64);

    impl Dice {
        pub(crate) fn roll(&mut self) -> u64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let x = self.0 ^ (self.0 >> 33);
            x.wrapping_mul(0xff51_afd7_ed55_8ccd) ^ (x >> 29)
        }

        pub(crate) fn below(&mut self, end: u64) -> u64 {
            self.roll() % end
        }
    }
}
