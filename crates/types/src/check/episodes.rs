//! `episodes(R, gap: n)` and `eras(R, gap: n)`: rows put together that overlap or follow each other.
//!
//! An episode is a row as those of a relation are: it has a first and a last day, and quantifiers, picks,
//! windows and `at` take it. It has none of the other columns of the rows that are in it.

use super::{Checked, Checker};
use crate::query::{Bound, EachOther, Expr, Kind, Row, Rows, RowsSource, RowsStep, Value};
use crate::ty::Type;
use diag::{Code, Diagnostic};
use syntax::tree::Argument;
use text::Range;

impl Checker<'_> {
    pub(crate) fn episodes(&mut self, name: &str, arguments: &[Argument], range: Range) -> Checked {
        let each_code = name == "eras";
        let [of, gap] = arguments else { return self.episodes_need(name, range) };
        if of.name.is_some() || gap.name.as_ref().is_none_or(|name| name.text != "gap") {
            return self.episodes_need(name, range);
        }
        let of_range = self.range(of.value.span);
        let of = self.rows(&of.value, &format!("`{name}` takes rows"));
        let gap = self.gap(&gap.value);
        let (Some(of), Some(gap)) = (of, gap) else { return Checked::Error };
        if of.each_other.different_days || of.each_other.within.is_some() {
            self.error(
                "E0216",
                "this relates rows to each other, and all rows are put together",
                of_range,
                "of a count only",
            );
            return Checked::Error;
        }
        let Some(last) = of.steps.last() else { return Checked::Error };
        let entity = self.model().entity(last.row.entity);
        if entity.dated_by.is_none() || self.is_episode(&last.row) {
            let plural = entity.plural.clone();
            let message = if entity.dated_by.is_none() {
                format!("{plural} have no date, so they make no episodes")
            } else {
                "these are put together already".to_owned()
            };
            self.error("E0213", message, of_range, "rows with a date were expected");
            return Checked::Error;
        }
        let row = last.row.clone();
        if self.partly_dated(&row, "they make no episodes", of_range) {
            return Checked::Error;
        }
        let entity = self.model().entity(row.entity);
        if each_code && entity.coded_by.is_none() {
            let plural = entity.plural.clone();
            self.report(
                Diagnostic::error(
                    Code("E0412"),
                    format!("{plural} have no code, so there are no eras of one"),
                    of_range,
                    "rows of this kind are not coded",
                )
                .help("`episodes(…)` puts them together all the same"),
            );
            return Checked::Error;
        }
        let row = Row { id: self.fresh_row(), hops: Vec::new(), entity: last.row.entity };
        self.episodes.insert(row.id, each_code);
        let rows = Rows {
            around: of.around.clone(),
            words: format!("{name} of {}", of.words),
            each_other: EachOther::default(),
            steps: vec![RowsStep {
                row: row.clone(),
                conditions: Vec::new(),
                // While a bound of the rows is null it is not known which of them there are.
                bounds: of.steps.iter().flat_map(|step| step.bounds.iter().cloned()).collect(),
                source: RowsSource::Episodes { of: Box::new(of), gap: Box::new(gap), each_code },
            }],
        };
        Checked::Many(Box::new(rows), Box::new(Checked::Row(row, range)))
    }

    fn episodes_need(&mut self, name: &str, range: Range) -> Checked {
        self.report(
            Diagnostic::error(Code("E0113"), format!("`{name}` takes rows and a gap"), range, "which rows, and which gap?")
                .note("rows with a longer gap between them are two episodes; `gap: 0 days` puts together what touches")
                .help(format!("write `{name}(treatment in …, gap: 30 days)`")),
        );
        Checked::Error
    }

    /// The longest gap that is bridged: a length that is written or a parameter.
    fn gap(&mut self, expr: &syntax::tree::Expr) -> Option<Expr> {
        let gap = self.length(expr)?;
        if matches!(gap.kind, Kind::Literal(Value::Int(days)) if days >= 0) {
            return Some(gap);
        }
        self.error(
            "E0214",
            "a gap is a length that is written, the same for everybody",
            gap.range,
            "how long?",
        );
        None
    }

    /// Whether a row is an episode or an era.
    pub(crate) fn is_episode(&self, row: &Row) -> bool {
        row.hops.is_empty() && self.episodes.contains_key(&row.id)
    }

    /// What an episode is called, as the name of its row.
    pub(crate) fn row_name(&self, row: &Row) -> &str {
        match self.episodes.get(&row.id) {
            Some(true) if row.hops.is_empty() => "era",
            Some(false) if row.hops.is_empty() => "episode",
            Some(_) | None => &self.model().entity(row.entity).name,
        }
    }

    /// A column of an episode, by name.
    pub(crate) fn of_episode(&self, row: &Row, word: &str, range: Range) -> Option<Expr> {
        match word {
            "started" => Some(self.episode_day(row, Bound::Started, range)),
            "ended" => Some(self.episode_day(row, Bound::Ended, range)),
            _ => {
                let entity = self.model().entity(row.entity);
                let code = entity.coded_by.filter(|_| self.episodes.get(&row.id) == Some(&true))?;
                (entity.column(code).name == word).then(|| self.column(row, code, range))
            }
        }
    }

    fn episode_day(&self, row: &Row, bound: Bound, range: Range) -> Expr {
        let entity = self.model().entity(row.entity);
        let label = entity.dated_by.map_or(model::ColumnLabel::Quasi, |dated| {
            let end = dated.end.unwrap_or(dated.start);
            entity.column(dated.start).label.max(entity.column(end).label)
        });
        Expr { kind: Kind::Episode(row.clone(), bound), ty: Type::Date, label, range }
    }

    /// The day that windows test, and the last day where rows have one.
    pub(crate) fn days_of(&self, row: &Row, range: Range) -> Option<(Expr, Option<Expr>)> {
        if self.is_episode(row) {
            let day = |bound| self.episode_day(row, bound, range);
            return Some((day(Bound::Started), Some(day(Bound::Ended))));
        }
        let dated = self.model().entity(row.entity).dated_by?;
        let column = |column| self.column(row, column, range);
        Some((column(dated.start), dated.end.map(column)))
    }
}
