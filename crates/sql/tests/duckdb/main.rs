//! Printed plans run on DuckDB: every function on edge values against an independent evaluation,
//! three-valued logic, and the shapes of select blocks.

#![expect(clippy::panic, reason = "a test says what it found by failing")]

mod blocks;
mod decimals;
mod logic;
mod numbers;

pub(crate) mod support {
    //! A table of literal rows, a plan over it, and its rows as text.

    use duckdb::Connection;
    use plan::{Body, Expr, Order, Plan, Select, Shape, Source, Step, StepId, Type};
    use sql::{Dialect, Statement};

    /// A warehouse with one table `t`, made from column declarations and rows in SQL.
    pub(crate) fn table(columns: &str, rows: &[String]) -> Connection {
        let connection = Connection::open_in_memory().expect("DuckDB opens");
        connection.execute_batch(&format!("CREATE TABLE t ({columns})")).expect("the table is made");
        for rows in rows.chunks(500) {
            let rows = rows.join(", ");
            connection.execute_batch(&format!("INSERT INTO t VALUES {rows}")).expect("the rows go in");
        }
        connection
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
        let statement = sql::build(plan, Dialect::DuckDb).unwrap_or_else(|error| panic!("{error}"));
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

    /// The rows of a plan as text.
    pub(crate) fn rows(connection: &Connection, plan: &Plan) -> Rows {
        let statement = statement(plan);
        types_are_right(connection, &statement);
        let width = statement.columns().len();
        let text = format!("SELECT CAST(COLUMNS(*) AS VARCHAR) FROM ({})", statement.text());
        let mut prepared = connection.prepare(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        let rows = prepared.query_map([], |row| (0..width).map(|place| row.get(place)).collect());
        let rows = rows.unwrap_or_else(|error| panic!("{error}\n{text}"));
        rows.map(|row| row.unwrap_or_else(|error| panic!("{error}\n{text}"))).collect()
    }

    /// The engine's types are those of the plan.
    fn types_are_right(connection: &Connection, statement: &Statement) {
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
    pub(crate) fn over_t(connection: &Connection, mut columns: Vec<(&str, Expr)>) -> Rows {
        columns.insert(0, ("id", column("id", Type::Int)));
        rows(connection, &plan(vec![step("result", Body::Select(select(public(), columns)))]))
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
