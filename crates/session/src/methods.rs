//! A cohort or table in English.

use crate::codes::NO_TABLE;
use crate::session::{Checked, Session};
use crate::trouble::{Kind, Result, Trouble};

pub use methods::Style;

impl Session {
    /// A methods paragraph of a cohort or table of a program that the policy permits.
    ///
    /// # Errors
    /// The program has nothing of that name, or a pin that is needed is damaged.
    pub fn methods(&self, checked: &Checked, name: &str, style: Style) -> Result<String> {
        let nothing = || {
            let known = self.describable(checked);
            let made =
                Trouble::new(Kind::Usage, NO_TABLE, format!("the program has no cohort or table `{name}`"));
            if known.is_empty() {
                made.help("it has none that the policy permits")
            } else {
                made.help(format!("it has {}", known.join(", ")))
            }
        };
        let Some(permitted) = &checked.permitted else { return Err(nothing()) };
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
        let text = methods::describe(&input, name, style).ok_or_else(nothing)?;
        self.vocabulary.damage()?;
        Ok(text)
    }

    /// The names that [`Session::methods`] knows, cohorts first.
    fn describable(&self, checked: &Checked) -> Vec<String> {
        let query = checked.permitted.iter().map(policy::Permitted::query);
        query
            .flat_map(|query| {
                let cohorts = query.cohorts.iter().map(|cohort| &cohort.name);
                cohorts.chain(query.tables.iter().map(|table| &table.name))
            })
            .cloned()
            .collect()
    }
}
