//! The arguments of every command, with an example in each help text.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Questions about groups of people and their variants, within their consent.
#[derive(Debug, Parser)]
#[command(name = "baseq", version, max_term_width = 100, arg_required_else_help = true)]
#[command(
    after_help = "Examples:\n  baseq init study && cd study\n  baseq load vcf cohort.vcf.gz --create-samples\n  baseq schema pull\n  baseq check\n  baseq run queries/by_sex.bq"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// When to colour; NO_COLOR is honoured.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub(crate) color: Color,
    /// A warehouse of baseq.toml by its name, or its address: `duckdb:PATH`, `postgres://USER@HOST/DATABASE`.
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) warehouse: Option<String>,
    /// The folder of baseq.toml, if it is not at or above the file or this folder.
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) project: Option<PathBuf>,
    /// How results that are no tables look.
    #[arg(long, global = true, value_enum, default_value_t = OutputFormat::Text)]
    pub(crate) format: OutputFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// Where a person reads.
    Auto,
    Always,
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a synthetic warehouse with a policy and queries, and ask it something.
    #[command(after_help = "Example:\n  baseq demo && cd baseq-demo")]
    Demo {
        /// The folder; made where it is missing.
        #[arg(default_value = "baseq-demo")]
        folder: PathBuf,
    },
    /// Make a project: settings, a first query, a first policy.
    #[command(after_help = "Example:\n  baseq init study")]
    Init {
        /// The folder; made where it is missing.
        #[arg(default_value = ".")]
        folder: PathBuf,
    },
    /// Load files into the warehouse, one transaction per source.
    #[command(
        after_help = "Examples:\n  baseq load pedigree family.ped --samples\n  baseq load vcf chr1.vcf.gz chr2.vcf.gz --covered-everywhere\n\nA source that was loaded before is skipped. A source with bad records is not loaded at all, unless --rejects keeps them."
    )]
    Load {
        #[command(subcommand)]
        kind: Load,
        /// Keep bad records in FILE and load the others.
        #[arg(long, global = true, value_name = "FILE")]
        rejects: Option<PathBuf>,
    },
    /// The lock file, the model, and whether the warehouse is what the model says.
    #[command(subcommand)]
    Schema(Schema),
    /// All diagnostics of files and folders; needs no warehouse.
    #[command(
        after_help = "Examples:\n  baseq check\n  baseq check queries/by_sex.bq --explain-policy\n  baseq check --output-format json queries | jq length"
    )]
    Check {
        /// What to check, and how it looks.
        #[command(flatten)]
        check: CheckArguments,
        /// Print every decision of the policy with the line that asked for it.
        #[arg(long)]
        explain_policy: bool,
    },
    /// Warnings alone: what a program says that was probably not meant; ends with 1 where there is one.
    #[command(
        after_help = "Examples:\n  baseq lint\n  baseq lint queries --allow W0113\n\nIn a program, `-- allow W0113: why` before an item or clause, or at the end of a line, keeps a warning quiet there; in baseq.toml, `allow = [\"W0113\"]` under `[lint]` does in the whole project. `baseq explain W0113` says what a warning means."
    )]
    Lint {
        /// What to check, and how it looks.
        #[command(flatten)]
        check: CheckArguments,
    },
    /// Run the `test` blocks of files and folders; needs no warehouse.
    #[command(
        after_help = "Examples:\n  baseq test\n  baseq test queries/by_sex.bq\n  baseq test --library --format json\n\nThe people of a test are made up, so nothing is withheld and no agreement is asked for."
    )]
    Test {
        /// Files and folders; by default the whole project.
        paths: Vec<PathBuf>,
        /// The tests of the standard library too.
        #[arg(long)]
        library: bool,
        #[command(flatten)]
        params: ParamArguments,
    },
    /// Make people who pass and people who just miss each rule of a program, to write it where no data is.
    ///
    /// Each rule is solved: the day on either side of a window, the last value below a bound, a code beside a
    /// set, one row too few, what is not known. What was made is asked of the reference interpreter before it
    /// is given; a rule for which nobody could be made is named.
    #[command(
        after_help = "Examples:\n  baseq mock queries/new_users.bq\n  baseq mock queries/new_users.bq --to mock && cd mock && baseq run queries/new_users.bq\n  baseq mock queries/new_users.bq --people 20000 --seed 7 --into mock.duckdb"
    )]
    Mock(crate::commands::mock::Mock),
    /// Lay out `.bq` files in the one style: programs, models, policies.
    ///
    /// Nothing but white space changes; what does not parse is left as it is.
    #[command(
        after_help = "Examples:\n  baseq fmt queries\n  baseq fmt --check\n  baseq fmt --diff queries/by_sex.bq\n  cat by_sex.bq | baseq fmt -"
    )]
    Fmt {
        /// Files and folders, `-` for standard input; by default this folder.
        paths: Vec<PathBuf>,
        /// Write nothing; end with 1 where something would change.
        #[arg(long)]
        check: bool,
        /// Write nothing; show what would change.
        #[arg(long)]
        diff: bool,
    },
    /// The language server, over standard input and output: editors start it.
    #[command(
        after_help = "Example:\n  baseq lsp\n\nSet-ups for editors stand in `editors/` of the sources."
    )]
    Lsp {
        /// What some editors say of how they speak; there is no other way.
        #[arg(long, hide = true)]
        stdio: bool,
    },
    /// A program in English, as a methods section has it; needs no warehouse.
    #[command(
        after_help = "Examples:\n  baseq describe queries/by_sex.bq\n  baseq describe queries/by_sex.bq by_sex --plain\n  baseq describe queries/new_users.bq attrition_of_new_users"
    )]
    Describe {
        /// The program.
        file: PathBuf,
        /// A cohort, table or report of it; by default all tables and reports.
        name: Option<String>,
        /// Words alone, without Markdown.
        #[arg(long)]
        plain: bool,
        #[command(flatten)]
        params: ParamArguments,
    },
    /// The SQL of a program, readable; needs no warehouse.
    #[command(
        after_help = "Examples:\n  baseq sql queries/by_sex.bq by_sex\n  baseq sql queries/by_sex.bq --map\n  baseq sql queries/by_sex.bq --map --format json"
    )]
    Sql {
        /// The program.
        file: PathBuf,
        /// Tables of it; by default all.
        names: Vec<String>,
        /// The engine that reads it; by default that of the warehouse.
        #[arg(long, value_enum)]
        dialect: Option<Dialect>,
        /// With the source map: which words of the query each part comes from. As JSON in bytes, else as
        /// comments beside the SQL, which stays what runs.
        #[arg(long)]
        map: bool,
        #[command(flatten)]
        params: ParamArguments,
    },
    /// Give a table of a program a name, with values of its parameters: `baseq run @NAME` runs it.
    ///
    /// Names stand in saved.toml, which belongs in git.
    #[command(
        after_help = "Examples:\n  baseq save by_sex queries/by_sex.bq by_sex\n  baseq save rare_strict queries/rare.bq rare --param cutoff=0.1%\n  baseq run @rare_strict"
    )]
    Save {
        /// What it is called: letters from a to z, digits, `_` and `-`.
        name: String,
        /// The program.
        file: PathBuf,
        /// A table or report of it.
        table: String,
        #[command(flatten)]
        params: ParamArguments,
    },
    /// The saved queries: whether they are still what was saved, and their last run.
    #[command(after_help = "Examples:\n  baseq list\n  baseq list --format json")]
    List,
    /// Run a program and give its released rows.
    #[command(
        after_help = "Examples:\n  baseq run queries/by_sex.bq\n  baseq run @by_sex\n  baseq run queries/by_sex.bq by_sex --as csv -o by_sex.csv\n  baseq run queries/quality.bq by_lot --pivot month\n  baseq run queries/rare.bq --param cutoff=0.5% --dry-run"
    )]
    Run(RunArguments),
    /// How many people each rule of a cohort leaves, as a table or a flow chart.
    #[command(
        after_help = "Examples:\n  baseq attrition queries/new_users.bq new_users\n  baseq attrition queries/new_users.bq new_users -o new_users.svg"
    )]
    Attrition(AttritionArguments),
    /// Ask and refine: a shell with completion, in which cohorts are kept and questions answered.
    ///
    /// What is piped in is done entry by entry, up to the first that fails, whose exit code is that of the
    /// command. `.help` inside says what can be entered.
    #[command(
        after_help = "Examples:\n  baseq repl\n  baseq repl queries/by_sex.bq\n  baseq repl -c 'use agreement \"DEMO\"' -c 'as of 2025-01-01' -c 'from subjects show n = count(subjects)'\n  baseq repl < questions.bq"
    )]
    Repl {
        /// A program to begin with.
        file: Option<PathBuf>,
        /// Do this, and leave; may be given several times.
        #[arg(short, long = "command", value_name = "TEXT")]
        commands: Vec<String>,
        #[command(flatten)]
        params: ParamArguments,
    },
    /// The page of a diagnostic.
    #[command(after_help = "Example:\n  baseq explain E0403")]
    Explain {
        /// Its code; without one, all codes with their titles.
        code: Option<String>,
    },
    /// The steward's commands.
    #[command(subcommand)]
    Policy(Policy),
    /// The auditor's commands.
    #[command(subcommand)]
    Audit(Audit),
    /// What ran, runs and was loaded, newest last.
    #[command(after_help = "Example:\n  baseq activity --last 5")]
    Activity {
        /// Only so many.
        #[arg(long, value_name = "N", default_value_t = 20)]
        last: usize,
        #[command(flatten)]
        log: LogFile,
    },
    /// Make a pair of keys: FILE signs, FILE.pub checks.
    #[command(after_help = "Example:\n  baseq key ~/auditor.key")]
    Key {
        /// The secret key; its public half is written beside it.
        file: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Schema {
    /// Write the lock file from the warehouse and print what changed.
    #[command(after_help = "Example:\n  baseq schema pull && git add baseq.lock .baseq/pins")]
    Pull,
    /// Compare the warehouse with the model: tables, types, keys, relations, on the data.
    #[command(after_help = "Example:\n  baseq schema check")]
    Check,
    /// Browse the model.
    #[command(after_help = "Example:\n  baseq schema show phenotype")]
    Show {
        /// An entity; without one, all in short.
        entity: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Policy {
    /// Install the project's policy files in the warehouse; every version is kept.
    ///
    /// Versions never go back. Once the warehouse trusts a steward, what widens needs that steward's signature.
    #[command(after_help = "Example:\n  baseq policy install --key steward.key && baseq schema pull")]
    Install {
        /// The steward's secret key, which signs it.
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
        /// Let the warehouse go by the audit log of this project from now on, in the place of another.
        #[arg(long)]
        new_audit_log: bool,
    },
    /// Read the project's policy files and say what is wrong with them; needs no warehouse.
    #[command(after_help = "Example:\n  baseq policy check")]
    Check,
    /// What the project's policy files change in the installed policy, and whether it widens.
    #[command(after_help = "Example:\n  baseq policy diff")]
    Diff,
    /// Let the warehouse trust a steward's key; the second and later ones need the signature of a trusted one.
    #[command(after_help = "Example:\n  baseq policy trust steward.key.pub")]
    Trust {
        /// The public key.
        public: PathBuf,
        /// The secret key of a steward who is trusted already.
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
    },
    /// The agreements that checks go by, and where they come from.
    #[command(after_help = "Example:\n  baseq policy show")]
    Show,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// Who got what about whom, why and when.
    #[command(
        after_help = "Examples:\n  baseq audit show --reads diagnosis --since 2026-01-01 --released\n  baseq audit show 12\n  baseq audit show --format json | jq '.[-1]'"
    )]
    Show {
        /// One record, whole, by its sequence.
        sequence: Option<u64>,
        #[command(flatten)]
        sought: Sought,
        #[command(flatten)]
        log: LogFile,
    },
    /// Check the log from its first record to its last, and against a checkpoint.
    #[command(
        after_help = "Examples:\n  baseq audit verify\n  baseq audit verify --checkpoint /elsewhere/2026-06.json --key auditor.key.pub"
    )]
    Verify {
        /// A checkpoint that was kept elsewhere: finds what was cut off or written anew.
        #[arg(long, value_name = "FILE", requires = "key")]
        checkpoint: Option<PathBuf>,
        /// The public key that checks its signature.
        #[arg(long, value_name = "FILE", requires = "checkpoint")]
        key: Option<PathBuf>,
        #[command(flatten)]
        log: LogFile,
    },
    /// Sign the end of the log, to be kept where nobody who writes the log can write.
    #[command(after_help = "Example:\n  baseq audit checkpoint --key auditor.key -o /elsewhere/2026-06.json")]
    Checkpoint {
        /// The secret key; `baseq key` makes one.
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        /// Write to FILE instead of the terminal.
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
        #[command(flatten)]
        log: LogFile,
    },
    /// The whole log as a table, or as FHIR R4 AuditEvent resources.
    #[command(after_help = "Example:\n  baseq audit export --as fhir -o audit.ndjson")]
    Export {
        /// csv: a row per question, load and installation; fhir: a line of JSON per question.
        #[arg(long = "as", value_enum, default_value_t = AuditFormat::Csv, value_name = "FORMAT")]
        form: AuditFormat,
        /// Write to FILE instead of the terminal.
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
        #[command(flatten)]
        log: LogFile,
    },
}

/// The log that a command reads.
#[derive(Debug, Args)]
pub(crate) struct LogFile {
    /// The log; by default that of the project.
    #[arg(long = "log", value_name = "FILE")]
    pub(crate) path: Option<PathBuf>,
}

/// What narrows the questions that are shown.
#[derive(Debug, Args)]
pub(crate) struct Sought {
    /// Asked by this account.
    #[arg(long, value_name = "NAME")]
    pub(crate) actor: Option<String>,
    /// Asked under this agreement.
    #[arg(long, value_name = "NAME")]
    pub(crate) agreement: Option<String>,
    /// Reads this table or column: `diagnosis`, `subject.birth_date`.
    #[arg(long, value_name = "TABLE[.COLUMN]")]
    pub(crate) reads: Option<String>,
    /// Asked on this day (UTC) or later.
    #[arg(long, value_name = "DATE")]
    pub(crate) since: Option<jiff::civil::Date>,
    /// Asked on this day (UTC) or earlier.
    #[arg(long, value_name = "DATE")]
    pub(crate) until: Option<jiff::civil::Date>,
    /// Only what was released.
    #[arg(long)]
    pub(crate) released: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AuditFormat {
    Csv,
    Fhir,
}

/// Values for parameters.
#[derive(Debug, Args)]
pub(crate) struct ParamArguments {
    /// A value for a parameter; holds over those of files.
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = param)]
    pub(crate) given: Vec<(String, String)>,
    /// A TOML file with values for parameters; of several the last holds.
    #[arg(long = "params", value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    /// The program, or `@NAME` of a saved query.
    pub(crate) file: PathBuf,
    /// Tables and reports of it; by default all.
    pub(crate) names: Vec<String>,
    /// Make a column of each value of KEY, one of several keys of the tables.
    #[arg(long, value_name = "KEY")]
    pub(crate) pivot: Option<String>,
    #[command(flatten)]
    pub(crate) give: Give,
}

#[derive(Debug, Args)]
pub(crate) struct AttritionArguments {
    /// The program.
    pub(crate) file: PathBuf,
    /// A cohort of it.
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) give: Give,
}

/// How released rows are given.
#[derive(Debug, Args)]
pub(crate) struct Give {
    /// The format of the rows; by default that of the name after -o, else a table for people.
    #[arg(long = "as", value_enum, value_name = "FORMAT")]
    pub(crate) rows_as: Option<RowFormat>,
    /// Write to FILE instead of the terminal; of several tables, a folder.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) params: ParamArguments,
    /// Say what would be read and under which rules, and read nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Say beside the rows how many people have rows that the program could not use: without a date or a
    /// code, in a unit that cannot be compared, or said to be both observed and excluded.
    #[arg(long)]
    pub(crate) report: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    /// Pictures of the places.
    Full,
    /// A line each.
    Concise,
    /// A JSON array on stdout.
    Json,
    /// SARIF 2.1.0 on stdout.
    Sarif,
    /// Workflow commands of GitHub, on stdout.
    Github,
}

/// What `check` and `lint` look at.
#[derive(Debug, Args)]
pub(crate) struct CheckArguments {
    /// Files and folders; by default the whole project.
    pub(crate) paths: Vec<PathBuf>,
    /// How diagnostics look; json, sarif and github go to stdout.
    #[arg(long, value_enum, default_value_t = CheckFormat::Full)]
    pub(crate) output_format: CheckFormat,
    /// End with 1 where this warning is given: a code, or `warnings` for all.
    #[arg(long, value_name = "CODE", value_parser = warning)]
    pub(crate) deny: Vec<String>,
    /// Do not give this warning.
    #[arg(long, value_name = "CODE", value_parser = warning)]
    pub(crate) allow: Vec<String>,
    #[command(flatten)]
    pub(crate) params: ParamArguments,
}

/// The code of a warning, or `warnings`.
fn warning(text: &str) -> Result<String, String> {
    let known = text == "warnings" || (text.starts_with('W') && diag::page(text).is_some());
    if known { Ok(text.to_owned()) } else { Err("not the code of a warning, such as W0113".to_owned()) }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Dialect {
    Duckdb,
    Postgres,
}

/// The formats of released rows; the words are those of `report::Format`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RowFormat {
    Table,
    Csv,
    Tsv,
    Json,
    Jsonl,
    Md,
    Parquet,
    Arrow,
    /// The flow chart of an attrition.
    Svg,
}

impl From<RowFormat> for report::Format {
    fn from(format: RowFormat) -> report::Format {
        match format {
            RowFormat::Table => report::Format::Table,
            RowFormat::Csv => report::Format::Csv,
            RowFormat::Tsv => report::Format::Tsv,
            RowFormat::Json => report::Format::Json,
            RowFormat::Jsonl => report::Format::Jsonl,
            RowFormat::Md => report::Format::Md,
            RowFormat::Parquet => report::Format::Parquet,
            RowFormat::Arrow => report::Format::Arrow,
            RowFormat::Svg => report::Format::Svg,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Load {
    /// VCF 4.1 to 4.5: plain, gzip or bgzip. Files with the same samples are one call set.
    #[command(after_help = "Example:\n  baseq load vcf chr*.vcf.gz --build GRCh38 --covered-everywhere")]
    Vcf {
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// The genome build, where the header does not say it.
        #[arg(long)]
        build: Option<String>,
        /// A FASTA file with its index: REF is checked against it, alleles are left-aligned.
        #[arg(long, value_name = "FASTA")]
        reference: Option<PathBuf>,
        /// A BED file of where a site without a record is reference for everyone.
        #[arg(long, value_name = "BED", conflicts_with = "covered_everywhere")]
        covered: Option<PathBuf>,
        /// A site without a record is reference for everyone on every contig that has a record.
        #[arg(long)]
        covered_everywhere: bool,
        /// Make a sample and a subject of the same id for every sample that is not known.
        #[arg(long)]
        create_samples: bool,
        /// What the call set is called; by default its first file.
        #[arg(long)]
        name: Option<String>,
        /// Keep calls of more than two copies as missing instead of refusing their records.
        #[arg(long)]
        more_copies_missing: bool,
    },
    /// Families, sexes, parents: PED and FAM, or the table of the 1000 Genomes Project.
    #[command(after_help = "Example:\n  baseq load pedigree family.ped --samples")]
    Pedigree {
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// Every individual has a sample of the same id.
        #[arg(long)]
        samples: bool,
    },
    /// Phenopackets v2: JSON files, folders, archives; all together are one source.
    #[command(after_help = "Example:\n  baseq load phenopackets all_phenopackets.tar.xz --packet-ids")]
    Phenopackets {
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// The packet's own id is the subject's, for collections that count patients anew in every packet.
        #[arg(long)]
        packet_ids: bool,
    },
    /// A Beacon v2 collection, JSON: load individuals, biosamples, runs, analyses in this order.
    #[command(after_help = "Example:\n  baseq load beacon individuals individuals.json --rejects bad.tsv")]
    Beacon {
        /// individuals, biosamples, runs, analyses or datasets.
        collection: String,
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// Leave out values that contradict the warehouse instead of refusing their records.
        #[arg(long)]
        keep_known: bool,
    },
    /// A folder of OMOP CDM tables with their vocabularies, CSV or TSV; the project's model is `omop`.
    #[command(after_help = "Example:\n  baseq load omop cdm/")]
    Omop {
        #[arg(required = true, value_name = "FOLDER")]
        folders: Vec<PathBuf>,
        /// Take the place of other releases of the code systems.
        #[arg(long)]
        replace: bool,
    },
    /// Ontologies and code tables: OBO, OWL, CSV, ICD-10-CM.
    #[command(after_help = "Example:\n  baseq load ontology hp.obo")]
    Ontology {
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// The prefix of the ids, where the text leaves it open.
        #[arg(long)]
        system: Option<String>,
        /// The release, where the text does not state it.
        #[arg(long = "release")]
        version: Option<String>,
        /// How it is written; by default told from the name.
        #[arg(long = "form", value_enum)]
        form: Option<OntologyForm>,
        /// Take the place of another release of the same system.
        #[arg(long)]
        replace: bool,
    },
    /// Consent events and scopes, subjects and samples, CSV; all together are one source.
    #[command(
        after_help = "Example:\n  baseq load consent --events events.csv --scopes scopes.csv --subjects subjects.csv"
    )]
    Consent {
        #[arg(long, value_name = "CSV")]
        events: Option<PathBuf>,
        #[arg(long, value_name = "CSV")]
        scopes: Option<PathBuf>,
        #[arg(long, value_name = "CSV")]
        subjects: Option<PathBuf>,
        #[arg(long, value_name = "CSV")]
        samples: Option<PathBuf>,
    },
    /// Any table of the model from CSV, TSV or Parquet, columns by name.
    #[command(after_help = "Example:\n  baseq load table treatment treatments.csv")]
    Table {
        /// The entity.
        entity: String,
        #[arg(required = true)]
        paths: Vec<PathBuf>,
    },
    /// Genes with their places (BioMart), or with their phenotypes (HPO's genes_to_phenotype.txt).
    #[command(
        after_help = "Examples:\n  baseq load genes genes_grch38.tsv --build GRCh38\n  baseq load genes genes_to_phenotype.txt --phenotypes"
    )]
    Genes {
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// The genome build of the places.
        #[arg(long, required_unless_present = "phenotypes")]
        build: Option<String>,
        /// The files tell the phenotypes of genes.
        #[arg(long, conflicts_with = "build")]
        phenotypes: bool,
    },
    /// A public release of annotation, sites-only VCF: allele frequencies of gnomAD, or ClinVar.
    #[command(
        after_help = "Examples:\n  baseq load annotation gnomad.exomes.v4.1.sites.chr13.vcf.bgz --gnomad 4.1\n  baseq load annotation clinvar_20250105.vcf.gz --clinvar 2025-01-05\n\nOnly alleles that the warehouse has are kept: load it after the call sets."
    )]
    Annotation {
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// The files are gnomAD's, of this release.
        #[arg(long, value_name = "RELEASE", required_unless_present = "clinvar", conflicts_with = "clinvar")]
        gnomad: Option<String>,
        /// The file is ClinVar's, released on this day.
        #[arg(long, value_name = "DATE")]
        clinvar: Option<String>,
        /// The genome build, where the header does not tell it.
        #[arg(long)]
        build: Option<String>,
        /// A FASTA file with an index, to left-align alleles by.
        #[arg(long)]
        reference: Option<PathBuf>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OntologyForm {
    Obo,
    Owl,
    Csv,
    Icd10cm,
}

/// `NAME=VALUE`
fn param(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => {
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err("write NAME=VALUE".to_owned()),
    }
}

#[cfg(test)]
mod tests;
