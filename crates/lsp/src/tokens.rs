//! Semantic tokens: all, those of a stretch, and what changed since the last time.

use crate::convert;
use crate::projects::lock;
use crate::server::Server;
use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use tower_lsp_server::jsonrpc::Result;
use tower_lsp_server::ls_types::{
    SemanticToken, SemanticTokens, SemanticTokensDelta, SemanticTokensDeltaParams, SemanticTokensEdit,
    SemanticTokensFullDeltaResult, SemanticTokensParams, SemanticTokensRangeParams,
    SemanticTokensRangeResult, SemanticTokensResult, Uri,
};

/// The tokens that an editor was given last for each text that it has open, under the name that it was given.
#[derive(Default)]
pub(crate) struct Given {
    last: Mutex<HashMap<Uri, (String, Vec<SemanticToken>)>>,
    count: AtomicU64,
}

impl Given {
    /// Remembers what is given now, and gives its name with what was given before.
    fn next(&self, uri: &Uri, tokens: &[SemanticToken]) -> (String, Option<(String, Vec<SemanticToken>)>) {
        let name = self.count.fetch_add(1, Ordering::Relaxed).to_string();
        let before = lock(&self.last).insert(uri.clone(), (name.clone(), tokens.to_vec()));
        (name, before)
    }

    pub(crate) fn forget(&self, uri: &Uri) {
        lock(&self.last).remove(uri);
    }
}

/// One edit from the old tokens to the new ones; none where nothing changed. Numbers count integers, five for each
/// token, as the protocol has it.
fn difference(old: &[SemanticToken], new: &[SemanticToken]) -> Vec<SemanticTokensEdit> {
    let before = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    let rest = old.len().min(new.len()) - before;
    let after = old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(old, new)| old == new).count();
    let small = |number: usize| u32::try_from(number * 5).unwrap_or(u32::MAX);
    let (gone, come) = (old.len() - before - after, &new[before..new.len() - after]);
    if gone == 0 && come.is_empty() {
        return Vec::new();
    }
    let data = (!come.is_empty()).then(|| come.to_vec());
    vec![SemanticTokensEdit { start: small(before), delete_count: small(gone), data }]
}

impl Server {
    async fn all_tokens(&self, uri: &Uri) -> Result<Option<Vec<SemanticToken>>> {
        self.answer(uri, |analysed, _| Some(convert::tokens(&analysed.view().tokens(), &analysed.document)))
            .await
    }

    pub(crate) async fn tokens_of_all(
        &self,
        params: SemanticTokensParams,
    ) -> Result<Option<SemanticTokensResult>> {
        let uri = params.text_document.uri;
        let Some(data) = self.all_tokens(&uri).await? else { return Ok(None) };
        let (name, _) = self.given.next(&uri, &data);
        Ok(Some(SemanticTokensResult::Tokens(SemanticTokens { result_id: Some(name), data })))
    }

    pub(crate) async fn tokens_since(
        &self,
        params: SemanticTokensDeltaParams,
    ) -> Result<Option<SemanticTokensFullDeltaResult>> {
        let uri = params.text_document.uri;
        let Some(data) = self.all_tokens(&uri).await? else { return Ok(None) };
        let (name, before) = self.given.next(&uri, &data);
        let name = Some(name);
        Ok(Some(match before {
            Some((known, old)) if known == params.previous_result_id => {
                let edits = difference(&old, &data);
                SemanticTokensFullDeltaResult::TokensDelta(SemanticTokensDelta { result_id: name, edits })
            }
            Some(_) | None => SemanticTokensFullDeltaResult::Tokens(SemanticTokens { result_id: name, data }),
        }))
    }

    pub(crate) async fn tokens_between(
        &self,
        params: SemanticTokensRangeParams,
    ) -> Result<Option<SemanticTokensRangeResult>> {
        let range = params.range;
        self.answer(&params.text_document.uri, move |analysed, _| {
            let document = &analysed.document;
            let (start, end) = (document.offset(range.start), document.offset(range.end));
            let mut tokens = analysed.view().tokens();
            tokens.retain(|token| token.start < end && start < token.end);
            let data = convert::tokens(&tokens, document);
            Some(SemanticTokensRangeResult::Tokens(SemanticTokens { result_id: None, data }))
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_edit_makes_the_new_tokens() {
        let token = |length| SemanticToken {
            delta_line: 0,
            delta_start: 1,
            length,
            token_type: 0,
            token_modifiers_bitset: 0,
        };
        let list = |lengths: &[u32]| lengths.iter().map(|length| token(*length)).collect::<Vec<_>>();
        for (old, new) in [
            (&[1, 2, 3][..], &[1, 9, 9, 3][..]),
            (&[], &[1]),
            (&[1, 1], &[1]),
            (&[1, 2], &[1, 2]),
            (&[1, 2, 1, 2], &[1, 2]),
            (&[3], &[]),
        ] {
            let (old, new) = (list(old), list(new));
            let mut made = old.clone();
            for edit in difference(&old, &new) {
                let (start, gone) = (edit.start as usize / 5, edit.delete_count as usize / 5);
                made.splice(start..start + gone, edit.data.unwrap_or_default());
            }
            assert_eq!(made, new);
        }
    }
}
