//! Rewrites expectation blocks in place.

use std::ops::Range;

/// The page with the given line ranges (content of blocks, as in [`Block::lines`](crate::Block::lines)) replaced.
/// Ranges may come in any order and do not overlap; everything outside them stays as it is, byte for byte.
pub fn bless(page: &str, replacements: &[(Range<usize>, String)]) -> String {
    let mut ordered: Vec<&(Range<usize>, String)> = replacements.iter().collect();
    ordered.sort_by_key(|(lines, _)| lines.start);
    let mut blessed = String::with_capacity(page.len());
    let mut lines = page.split_inclusive('\n').zip(1..).peekable();
    for (range, text) in ordered {
        while let Some((line, _)) = lines.next_if(|(_, number)| *number < range.start) {
            blessed.push_str(line);
        }
        while lines.next_if(|(_, number)| range.contains(number)).is_some() {}
        blessed.push_str(text);
        if !text.is_empty() && !text.ends_with('\n') {
            blessed.push('\n');
        }
    }
    blessed.extend(lines.map(|(line, _)| line));
    blessed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_blocks_change() {
        let page = "# A\n```rows\nold\nolder\n```\nprose\n```sql\n```\nend";
        let blessed = bless(page, &[(8..8, "select 1".to_owned()), (3..5, "new\n".to_owned())]);
        assert_eq!(blessed, "# A\n```rows\nnew\n```\nprose\n```sql\nselect 1\n```\nend");
    }
}
