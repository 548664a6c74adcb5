//! Reads a page line by line: headings open sections, fences open blocks, and a section with a program is a case.

use std::collections::BTreeSet;
use std::path::Path;

use crate::{Assertion, Block, Case, Error, ILLUSTRATION, MAIN, SourceFile, assertion};

/// The cases of a page, in order. `page` is its name in errors and in the cases.
///
/// All errors are given, not only the first: an unclosed block, a second title, two cases or files of one name,
/// a context that is not TOML, an expectation without a program, an assertion that cannot be read.
pub fn read(page: &str, text: &str) -> Result<Vec<Case>, Vec<Error>> {
    let mut reader = Reader { page, sections: Vec::new(), cases: Vec::new(), errors: Vec::new() };
    let mut lines = text.lines().zip(1..);
    let mut name = None;
    while let Some((line, number)) = lines.next() {
        if let Some(fence) = fence(line) {
            let mut content = Vec::new();
            let closed = lines.by_ref().any(|(inner, at)| {
                let closes = inner.trim_end() == fence;
                if !closes {
                    content.push((inner, at));
                }
                closes
            });
            if !closed {
                reader.error(number, "this block is never closed");
            }
            reader.block(number, line[fence.len()..].trim(), name.take(), &content);
        } else if let Some((level, heading)) = heading(line) {
            reader.heading(number, level, heading);
            name = None;
        } else if !line.trim().is_empty() {
            name = file_name(line);
        }
    }
    reader.close(1);
    let Reader { cases, mut errors, .. } = reader;
    let mut names = BTreeSet::new();
    for case in &cases {
        if !names.insert(case.name()) {
            let reason = format!("a second case is called `{}`", case.name());
            errors.push(Error { page: page.to_owned(), line: case.line, reason });
        }
    }
    errors.sort_by_key(|error| error.line);
    if errors.is_empty() { Ok(cases) } else { Err(errors) }
}

/// The backticks of a line that opens a block; four or more hold a block that itself has three.
fn fence(line: &str) -> Option<&str> {
    let ticks = line.len() - line.trim_start_matches('`').len();
    (ticks >= 3 && !line[ticks..].contains('`')).then(|| &line[..ticks])
}

/// Level, from 1, and words of a heading.
fn heading(line: &str) -> Option<(usize, &str)> {
    let level = line.len() - line.trim_start_matches('#').len();
    let words = line[level..].strip_prefix(' ')?;
    (1..=6).contains(&level).then(|| (level, words.trim()))
}

/// The name in a line `` `panel.csv`: ``.
fn file_name(line: &str) -> Option<String> {
    let name = line.trim().strip_prefix('`')?.strip_suffix("`:")?;
    (!name.is_empty() && !name.contains('`')).then(|| name.to_owned())
}

/// A heading that is still open, with what stands directly under it.
struct Section {
    level: usize,
    line: usize,
    heading: String,
    context: toml::Table,
    files: Vec<SourceFile>,
    blocks: Vec<(usize, Block)>,
    done: bool,
}

struct Reader<'a> {
    page: &'a str,
    sections: Vec<Section>,
    cases: Vec<Case>,
    errors: Vec<Error>,
}

impl Reader<'_> {
    fn error(&mut self, line: usize, reason: impl Into<String>) {
        self.errors.push(Error { page: self.page.to_owned(), line, reason: reason.into() });
    }

    fn heading(&mut self, line: usize, level: usize, heading: &str) {
        let first = self.sections.is_empty();
        if first && level != 1 {
            self.error(line, "a page opens with its title, a heading of the first level");
        } else if !first && level == 1 {
            self.error(line, "a page has one title; further headings are of the second level or below");
        }
        self.close(level);
        let heading = heading.to_owned();
        let context = toml::Table::new();
        self.sections.push(Section {
            level,
            line,
            heading,
            context,
            files: vec![],
            blocks: vec![],
            done: false,
        });
    }

    /// Ends what stands directly under the innermost heading, and every section of `level` or deeper.
    fn close(&mut self, level: usize) {
        self.finish();
        // The title stays open to the end of the page, so that its words and context reach every case.
        while self.sections.len() > 1 && self.sections.last().is_some_and(|open| open.level >= level) {
            self.sections.pop();
        }
    }

    /// Makes a case of what stands directly under the innermost heading, if that has a program.
    fn finish(&mut self) {
        let Some(open) = self.sections.last_mut() else { return };
        if std::mem::replace(&mut open.done, true) {
            return;
        }
        let (line, files, blocks) =
            (open.line, std::mem::take(&mut open.files), std::mem::take(&mut open.blocks));
        if files.is_empty() {
            for (line, block) in blocks {
                self.error(
                    line,
                    format!("the `{}` block stands under a heading without a program", block.lang),
                );
            }
            return;
        }
        let mut context = toml::Table::new();
        for section in &self.sections {
            context.extend(section.context.clone());
        }
        let mut unread = Vec::new();
        let assertions: Vec<Assertion> = files
            .iter()
            .filter(|file| Path::new(&file.name).extension().is_some_and(|kind| kind == "bq"))
            .flat_map(|file| assertion::read(file, &mut unread))
            .collect();
        for (line, reason) in unread {
            self.error(line, reason);
        }
        self.cases.push(Case {
            page: self.page.to_owned(),
            line,
            path: self.sections.iter().map(|section| section.heading.clone()).collect(),
            files,
            context,
            blocks: blocks.into_iter().map(|(_, block)| block).collect(),
            assertions,
        });
    }

    fn block(&mut self, line: usize, words: &str, name: Option<String>, content: &[(&str, usize)]) {
        let (lang, info) = words.split_once(' ').map_or((words, ""), |(lang, info)| (lang, info.trim()));
        let text: String = content.iter().flat_map(|(line, _)| [*line, "\n"]).collect();
        let Some(open) = self.sections.last_mut() else {
            return self.error(line, "a block stands before the first heading");
        };
        if let Some(name) = name {
            if open.files.iter().any(|file| file.name == name) {
                return self.error(line, format!("a second block of this case is the file `{name}`"));
            }
            open.files.push(SourceFile { name, text, lines: content.iter().map(|(_, at)| *at).collect() });
        } else if lang == "bq" {
            let lines = content.iter().map(|(_, at)| *at);
            match open.files.iter_mut().find(|file| file.name == MAIN) {
                Some(main) => {
                    main.text.push_str(&text);
                    main.lines.extend(lines);
                }
                None => {
                    open.files.push(SourceFile { name: MAIN.to_owned(), text, lines: lines.collect() });
                }
            }
        } else if lang == "toml" {
            match text.parse::<toml::Table>() {
                Ok(table) => open.context.extend(table),
                Err(error) => {
                    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
                    let at = line + 1 + before.matches('\n').count();
                    self.error(at, format!("the context is not TOML: {}", error.message()));
                }
            }
        } else if !ILLUSTRATION.contains(&lang) {
            if open.blocks.iter().any(|(_, block)| block.lang == lang && block.info == info) {
                return self.error(line, format!("a second block of this case is `{words}`"));
            }
            let lines = line + 1..line + 1 + content.len();
            open.blocks.push((line, Block { lang: lang.to_owned(), info: info.to_owned(), text, lines }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "\
# Consent
```toml
warehouse = \"small\"
as_of = 1
```
## Small cells
A count below five is withheld.
```bq
table t =
```
More of it, under a context of its own.
```toml
as_of = 2
```
`site.policy`:

```policy
open
```
```bq
  from subjects -- error: E0412
```
```sql postgres
select 1
```
### Rounded
```bq
x
```
## Text only
```text
not checked
```
";

    #[test]
    fn a_section_with_a_program_is_a_case() {
        let cases = read("p.md", PAGE).unwrap();
        let names: Vec<String> = cases.iter().map(Case::name).collect();
        assert_eq!(names, ["small cells", "small cells/rounded"]);
        let [cells, rounded] = &cases[..] else { panic!("two cases") };
        assert_eq!(cells.path, ["Consent", "Small cells"]);
        assert_eq!(cells.file(MAIN).unwrap().text, "table t =\n  from subjects -- error: E0412\n");
        assert_eq!(cells.file(MAIN).unwrap().lines, [9, 21]);
        assert_eq!(cells.file("site.policy").unwrap().text, "open\n");
        assert_eq!((cells.assertions[0].line, cells.assertions[0].page_line), (2, 21));
        assert_eq!(
            (&*cells.blocks[0].lang, &*cells.blocks[0].info, &cells.blocks[0].lines),
            ("sql", "postgres", &(24..25))
        );
        // The context of the title reaches down; a case's own comes last.
        assert_eq!(cells.context["as_of"].as_integer(), Some(2));
        assert_eq!(rounded.context["warehouse"].as_str(), Some("small"));
        // What stands above a subheading belongs to its own case, as a file of `small cells` does.
        assert_eq!(rounded.files.len(), 1);
    }

    #[test]
    fn every_error_is_given_with_its_line() {
        let page = "\
## No title
```rows
1
```
## Twice
```bq
```
## twice
```bq
-- error: 12
```
```toml
a = 1
b =
```
```bq
";
        let errors: Vec<String> = read("p.md", page).unwrap_err().iter().map(Error::to_string).collect();
        let starts = [
            "p.md:1: a page opens with its title",
            "p.md:2: the `rows` block stands under a heading without a program",
            "p.md:8: a second case",
            "p.md:10: `-- error:` is followed by a code",
            "p.md:14: the context is not TOML",
            "p.md:16: this block is never closed",
        ];
        assert_eq!(errors.len(), starts.len(), "{errors:#?}");
        for (error, start) in errors.iter().zip(starts) {
            assert!(error.starts_with(start), "{error} / {start}");
        }
    }
}
