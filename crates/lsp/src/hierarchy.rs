//! The hierarchies of the protocol: calls are what an item is made from and for, types are the terms of an ontology.

use crate::convert;
use crate::documents::{Snapshot, path_of};
use crate::ordered::SNAPSHOT;
use crate::server::Server;
use ide::{LineageNode, LineageStep, Place};
use tower_lsp_server::jsonrpc::Result;
use tower_lsp_server::ls_types::{
    CallHierarchyIncomingCall, CallHierarchyItem, CallHierarchyOutgoingCall, CallHierarchyPrepareParams,
    Range, SymbolKind, TypeHierarchyItem, TypeHierarchyPrepareParams,
};

/// Which neighbours of a term.
#[derive(Clone, Copy)]
pub(crate) enum Beside {
    Above,
    Below,
}

/// The most terms below one that are shown at once.
const BELOW: usize = 500;

impl Server {
    pub(crate) async fn lineage_at(
        &self,
        params: CallHierarchyPrepareParams,
    ) -> Result<Option<Vec<CallHierarchyItem>>> {
        let at = params.text_document_position_params;
        self.answer(&at.text_document.uri, move |analysed, snapshot| {
            let node = analysed.view().lineage(analysed.document.offset(at.position))?;
            Some(vec![item_of(node, snapshot)?])
        })
        .await
    }

    /// The items of all programs of the project that read one.
    pub(crate) async fn readers(
        &self,
        item: CallHierarchyItem,
    ) -> Result<Option<Vec<CallHierarchyIncomingCall>>> {
        let snapshot = SNAPSHOT.with(Clone::clone);
        self.answer_of_all(&item.uri.clone(), move |analysed, others| {
            let Some(place) = place_of(&item, &snapshot) else { return Ok(None) };
            let mut calls = Vec::new();
            let all = std::iter::once(analysed.view().readers(&place))
                .chain(others().iter().map(|other| other.view().readers(&place)).collect::<Vec<_>>());
            for (node, named) in all.flatten() {
                let Some(document) = snapshot.document(&node.place.file) else { continue };
                let from_ranges = named.into_iter().map(|(start, end)| document.range(start, end)).collect();
                calls.extend(
                    item_of(node, &snapshot).map(|from| CallHierarchyIncomingCall { from, from_ranges }),
                );
            }
            Ok(Some(calls))
        })
        .await
    }

    /// The items that one reads.
    pub(crate) async fn reads(
        &self,
        item: CallHierarchyItem,
    ) -> Result<Option<Vec<CallHierarchyOutgoingCall>>> {
        self.answer(&item.uri.clone(), move |analysed, snapshot| {
            let place = place_of(&item, snapshot)?;
            let call = |(node, named): LineageStep| {
                let ranges = named.into_iter().map(|(start, end)| analysed.document.range(start, end));
                let from_ranges: Vec<Range> = ranges.collect();
                item_of(node, snapshot).map(|to| CallHierarchyOutgoingCall { to, from_ranges })
            };
            Some(analysed.view().reads(&place).into_iter().filter_map(call).collect())
        })
        .await
    }

    pub(crate) async fn term_at(
        &self,
        params: TypeHierarchyPrepareParams,
    ) -> Result<Option<Vec<TypeHierarchyItem>>> {
        let at = params.text_document_position_params;
        self.answer(&at.text_document.uri, move |analysed, _| {
            let term = analysed.view().term(analysed.document.offset(at.position))?;
            let range = analysed.document.range(term.range.start, term.range.end);
            Some(vec![TypeHierarchyItem {
                detail: (!term.label.is_empty()).then_some(term.label),
                name: term.id,
                kind: SymbolKind::ENUM_MEMBER,
                tags: None,
                uri: analysed.document.uri.clone(),
                range,
                selection_range: range,
                data: None,
            }])
        })
        .await
    }

    /// Terms beside one. They have no text of their own, so they stand where the code that led to them stands.
    pub(crate) async fn terms_beside(
        &self,
        item: TypeHierarchyItem,
        beside: Beside,
    ) -> Result<Option<Vec<TypeHierarchyItem>>> {
        self.answer(&item.uri.clone(), move |analysed, _| {
            let terms = match beside {
                Beside::Above => analysed.session.parents(&item.name),
                Beside::Below => analysed.session.children(&item.name, BELOW).0,
            };
            let item_of = |(id, label): (String, String)| TypeHierarchyItem {
                name: id,
                detail: Some(label),
                ..item.clone()
            };
            Some(terms.into_iter().map(item_of).collect())
        })
        .await
    }
}

fn item_of(node: LineageNode, snapshot: &Snapshot) -> Option<CallHierarchyItem> {
    let document = snapshot.document(&node.place.file).filter(|_| node.place.file.is_absolute())?;
    Some(CallHierarchyItem {
        name: node.name,
        kind: convert::symbol_kind(node.kind),
        tags: None,
        detail: None,
        uri: document.uri.clone(),
        range: document.range(node.whole.0, node.whole.1),
        selection_range: document.range(node.place.start, node.place.end),
        data: None,
    })
}

fn place_of(item: &CallHierarchyItem, snapshot: &Snapshot) -> Option<Place> {
    let file = path_of(&item.uri)?;
    let document = snapshot.document(&file)?;
    let range = item.selection_range;
    Some(Place { file, start: document.offset(range.start), end: document.offset(range.end) })
}
