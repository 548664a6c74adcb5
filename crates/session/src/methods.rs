//! Cohorts, tables and reports in English.

use crate::codes::NO_TABLE;
use crate::session::{Checked, Session};
use crate::trouble::{Kind, Result, Trouble};

pub use methods::Style;

impl Session {
    /// Methods paragraphs of a program that the policy permits, each with its name: of the cohort, table or
    /// report of that name, or of all tables and reports; where it has none, of all cohorts.
    ///
    /// # Errors
    /// The program has nothing of that name, or a pin that is needed is damaged.
    pub fn methods(
        &self,
        checked: &Checked,
        name: Option<&str>,
        style: Style,
    ) -> Result<Vec<(String, String)>> {
        let Some(permitted) = &checked.permitted else { return Err(nothing(name, &[])) };
        let query = permitted.query();
        let known = methods::names(query);
        let wanted: Vec<String> = match name {
            Some(name) => vec![name.to_owned()],
            None => match query.results() {
                none if none.is_empty() => known.clone(),
                results => results,
            },
        };
        if wanted.is_empty() {
            return Err(nothing(name, &known));
        }
        let releases: Vec<(String, String)> = self
            .lock
            .iter()
            .flat_map(|lock| &lock.ontology)
            .map(|ontology| (ontology.system.clone(), ontology.version.clone()))
            .collect();
        let input = methods::Input {
            permitted,
            model: &self.model,
            vocabulary: &self.vocabulary,
            releases: &releases,
        };
        let mut all = Vec::new();
        for one in wanted {
            let text = methods::describe(&input, &one, style).ok_or_else(|| nothing(Some(&one), &known))?;
            all.push((one, text));
        }
        self.vocabulary.damage()?;
        Ok(all)
    }
}

fn nothing(name: Option<&str>, known: &[String]) -> Trouble {
    let what = match name {
        Some(name) => format!("the program has no cohort, table or report `{name}`"),
        None => "the program has no cohort, table or report".to_owned(),
    };
    let made = Trouble::new(Kind::Usage, NO_TABLE, what);
    if known.is_empty() {
        made.help("it has none that the policy permits")
    } else {
        made.help(format!("it has {}", known.join(", ")))
    }
}
