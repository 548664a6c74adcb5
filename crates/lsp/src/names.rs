//! Along the names through all programs of a project: uses, other names, symbols.

use crate::convert;
use crate::ordered::SNAPSHOT;
use crate::projects::lock;
use crate::server::{Server, beside, failed, location_of};
use std::collections::HashMap;
use std::sync::Arc;
use tower_lsp_server::jsonrpc::Result;
use tower_lsp_server::ls_types::{
    Location, OneOf, ReferenceParams, RenameParams, TextEdit, Uri, WorkspaceEdit, WorkspaceSymbol,
    WorkspaceSymbolParams, WorkspaceSymbolResponse,
};

impl Server {
    pub(crate) async fn all_references(&self, params: ReferenceParams) -> Result<Option<Vec<Location>>> {
        let at = params.text_document_position;
        let with_declaration = params.context.include_declaration;
        let snapshot = SNAPSHOT.with(Clone::clone);
        self.answer_of_all(&at.text_document.uri.clone(), move |analysed, others| {
            let view = analysed.view();
            let Some(declared) = view.declaration(analysed.document.offset(at.position)) else {
                return Ok(None);
            };
            let mut places = view.uses_of(&declared);
            for other in others() {
                places.extend(other.view().uses_of(&declared));
            }
            places.sort();
            places.dedup();
            places.retain(|place| with_declaration || *place != declared);
            Ok(Some(places.iter().filter_map(|place| location_of(place, &snapshot)).collect()))
        })
        .await
    }

    pub(crate) async fn renamed(&self, params: RenameParams) -> Result<Option<WorkspaceEdit>> {
        let at = params.text_document_position;
        let snapshot = SNAPSHOT.with(Clone::clone);
        self.answer_of_all(&at.text_document.uri.clone(), move |analysed, others| {
            let refused = |error: ide::NameError| failed(error.words());
            let (_, declared) =
                analysed.view().may_rename(analysed.document.offset(at.position)).map_err(refused)?;
            let mut edits = analysed.view().rename(&declared, &params.new_name).map_err(refused)?;
            for other in others() {
                edits.extend(other.view().rename(&declared, &params.new_name).map_err(refused)?);
            }
            edits.sort();
            edits.dedup();
            let mut changes: HashMap<Uri, Vec<TextEdit>> = HashMap::new();
            for (place, new_text) in edits {
                if let Some(location) = location_of(&place, &snapshot) {
                    changes
                        .entry(location.uri)
                        .or_default()
                        .push(TextEdit { range: location.range, new_text });
                }
            }
            Ok(Some(convert::workspace_edit(changes)))
        })
        .await
    }

    pub(crate) async fn symbols_of_folders(
        &self,
        params: WorkspaceSymbolParams,
    ) -> Result<Option<WorkspaceSymbolResponse>> {
        let snapshot = SNAPSHOT.with(Clone::clone);
        let projects = Arc::clone(&self.projects);
        let folders = lock(&self.folders).clone();
        beside(move || {
            let sought = params.query.to_lowercase();
            let mut found = Vec::new();
            for path in folders.iter().flat_map(|folder| crate::projects::programs_below(folder)) {
                let Ok(analysed) = projects.analysed(&path, &snapshot) else { continue };
                for symbol in analysed.view().symbols() {
                    if symbol.name.to_lowercase().contains(&sought) {
                        let range = analysed.document.range(symbol.name_range.start, symbol.name_range.end);
                        found.push(WorkspaceSymbol {
                            name: symbol.name,
                            kind: convert::symbol_kind(symbol.kind),
                            tags: None,
                            container_name: None,
                            location: OneOf::Left(Location { uri: analysed.document.uri.clone(), range }),
                            data: None,
                        });
                    }
                }
            }
            Ok(Some(WorkspaceSymbolResponse::Nested(found)))
        })
        .await
    }
}
