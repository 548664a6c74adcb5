//! Types of columns, and how each lies in a warehouse.

/// The type of a column.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ColumnType {
    /// A key that stands for a row or a person; compared for equality only.
    Id,
    /// A whole number, 64 bits.
    Int,
    /// An exact number, 30 digits of which 12 are after the point.
    Decimal,
    /// A share of a whole, stored as a fraction (0.05) and written as a percent (`5%`).
    Percent,
    /// True or false.
    Bool,
    /// Text without meaning to the language beyond equality.
    Text,
    /// A calendar day.
    Date,
    /// One of a closed list, in declaration order.
    Enum {
        /// The members.
        members: Vec<String>,
        /// Whether `<` orders them as declared.
        ordered: bool,
    },
    /// A code of a system, such as `HP`, stored as a CURIE: `HP:0001250`.
    Code(String),
    /// A gene symbol.
    Gene,
    /// Bytes that only the compiler reads.
    Bytes,
}

/// The code systems that a model may name as a type. An ontology has descendants by its closure; a
/// classification (`ICD10`, `ATC`, `ICD10CM`) by the prefix of its code; the rest is flat.
pub const CODE_SYSTEMS: &[&str] = &[
    "ATC", "CVX", "DOID", "DUO", "HP", "ICD10", "ICD10CM", "LOINC", "MONDO", "OMIM", "OPCS4", "ORPHA",
    "RxNorm", "SNOMED", "SO", "UBERON",
];

/// Whether `name` is a code system.
pub fn is_code_system(name: &str) -> bool {
    CODE_SYSTEMS.contains(&name)
}

impl ColumnType {
    /// The type of the column in a warehouse, spelled as DuckDB and Postgres both understand it,
    /// but for `BLOB`.
    pub fn physical(&self) -> &'static str {
        match self {
            ColumnType::Int => "BIGINT",
            ColumnType::Decimal | ColumnType::Percent => "DECIMAL(30,12)",
            ColumnType::Bool => "BOOLEAN",
            ColumnType::Date => "DATE",
            ColumnType::Bytes => "BLOB",
            ColumnType::Id
            | ColumnType::Text
            | ColumnType::Enum { .. }
            | ColumnType::Code(_)
            | ColumnType::Gene => "VARCHAR",
        }
    }

    /// The type as people read it.
    pub fn words(&self) -> String {
        match self {
            ColumnType::Id => "id".into(),
            ColumnType::Int => "int".into(),
            ColumnType::Decimal => "decimal".into(),
            ColumnType::Percent => "percent".into(),
            ColumnType::Bool => "bool".into(),
            ColumnType::Text => "text".into(),
            ColumnType::Date => "date".into(),
            ColumnType::Enum { members, ordered } => members.join(if *ordered { " < " } else { " | " }),
            ColumnType::Code(system) => format!("{system} code"),
            ColumnType::Gene => "gene".into(),
            ColumnType::Bytes => "bytes".into(),
        }
    }
}
