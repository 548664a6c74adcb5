//! `baseq explain`: pages of diagnostics.

use crate::exit::{Exit, Result, usage};
use crate::out::Out;

pub(super) fn run(code: Option<&str>, out: Out) -> Result<Exit> {
    let Some(code) = code else {
        if out.json {
            let pages: Vec<_> = diag::pages()
                .iter()
                .map(|page| serde_json::json!({ "code": page.code, "title": page.title }))
                .collect();
            out.json(&pages.into())?;
        } else {
            for page in diag::pages() {
                out.line(&format!("{}  {}", page.code, page.title))?;
            }
        }
        return Ok(Exit::Done);
    };
    let wanted = code.to_ascii_uppercase();
    let Some(page) = diag::pages().iter().find(|page| page.code == wanted) else {
        return Err(usage(format!("no diagnostic has the code `{code}`; `baseq explain` lists them all")));
    };
    if out.json {
        out.json(&serde_json::json!({ "code": page.code, "title": page.title, "text": page.text }))?;
    } else {
        out.line(page.text.trim_end())?;
    }
    Ok(Exit::Done)
}
