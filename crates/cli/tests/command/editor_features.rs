//! `editors/FEATURES.md` says of the language server what the running server says of itself.

use crate::editor::Editor;
use crate::project::Project;
use serde_json::{Value, json};

/// Rows that the server's capabilities decide, mark by mark: where each stands in them. An empty place has no
/// capability of its own in the protocol, and the case in the last column of the table holds it.
const ROWS: [(&str, &[&str]); 28] = [
    ("completion", &["/completionProvider"]),
    ("– completionItem/resolve", &["/completionProvider/resolveProvider"]),
    ("– triggers", &[""]),
    ("hover", &["/hoverProvider"]),
    ("signature help", &["/signatureHelpProvider"]),
    ("definition", &["/definitionProvider"]),
    ("declaration / type definition", &["/declarationProvider", "/typeDefinitionProvider"]),
    ("references / highlight", &["/referencesProvider", "/documentHighlightProvider"]),
    ("rename + prepare", &["/renameProvider/prepareProvider"]),
    ("document symbols", &["/documentSymbolProvider"]),
    ("workspace symbols", &["/workspaceSymbolProvider"]),
    ("semantic tokens", &["/semanticTokensProvider/full/delta"]),
    ("inlay hints", &["/inlayHintProvider"]),
    ("code actions / quick fixes", &["/codeActionProvider"]),
    ("code lens", &["/codeLensProvider"]),
    (
        "diagnostics push / pull / workspace",
        &["", "/diagnosticProvider", "/diagnosticProvider/workspaceDiagnostics"],
    ),
    (
        "formatting / range / on-type",
        &[
            "/documentFormattingProvider",
            "/documentRangeFormattingProvider",
            "/documentOnTypeFormattingProvider",
        ],
    ),
    ("folding / selection range", &["/foldingRangeProvider", "/selectionRangeProvider"]),
    ("call hierarchy / type hierarchy", &["/callHierarchyProvider", "/typeHierarchyProvider"]),
    ("document links", &["/documentLinkProvider"]),
    ("executeCommand", &["/executeCommandProvider"]),
    ("run + results panel in editor", &["/executeCommandProvider"]),
    ("live compiled-target preview", &["/executeCommandProvider"]),
    ("incremental sync", &["/textDocumentSync/change"]),
    ("position encodings", &[""]),
    ("multi-root / file watch / progress", &["/workspace/workspaceFolders/supported", "", ""]),
    ("notebook sync", &["/notebookDocumentSync"]),
    ("willRename files / cancellation", &["/workspace/fileOperations/willRename", ""]),
];

#[test]
fn features_are_as_the_server_says() {
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../editors/FEATURES.md");
    let page = std::fs::read_to_string(page).unwrap();
    let rows: Vec<Vec<&str>> = page
        .lines()
        .filter(|line| line.starts_with("| "))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    assert_eq!(rows[0][16..], ["baseq", "case"]);
    let project = Project::loaded();
    let editor = Editor::start(&project, json!({}));
    let can = |place: &str| editor.can.pointer(place).is_some_and(|it| *it != Value::Bool(false));
    let features: Vec<&str> = rows[1..].iter().map(|row| row[0]).collect();
    assert_eq!(features, ROWS.map(|(feature, _)| feature));
    for (row, (feature, places)) in rows[1..].iter().zip(ROWS) {
        let marks: Vec<&str> = row[16].split('/').collect();
        for (at, place) in places.iter().enumerate().filter(|(_, place)| !place.is_empty()) {
            assert_eq!(marks[at].starts_with('●'), can(place), "{feature}: {} and {place}", marks[at]);
        }
    }
    let of = |feature: &str| rows.iter().find(|row| row[0] == feature).unwrap()[16];
    let triggers: Vec<String> =
        of("– triggers").trim_matches('`').split(' ').map(|it| it.replace('␠', " ")).collect();
    let mut said: Vec<&str> = editor.can["completionProvider"]["triggerCharacters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it.as_str().unwrap())
        .collect();
    let mut listed: Vec<&str> = triggers.iter().map(String::as_str).collect();
    said.sort_unstable();
    listed.sort_unstable();
    assert_eq!(listed, said);
    assert_eq!(editor.can["textDocumentSync"]["change"], 2, "changes are told piece by piece");
    assert_eq!(of("semantic tokens").contains("range"), can("/semanticTokensProvider/range"));
    assert_eq!(editor.end(true), 0);
    for (name, listed) in [("utf-8", "8"), ("utf-16", "16"), ("utf-32", "32")] {
        let editor = Editor::start(&project, json!({ "general": { "positionEncodings": [name] } }));
        assert_eq!(editor.can["positionEncoding"], name);
        assert!(of("position encodings").split('/').any(|it| it == listed));
        assert_eq!(editor.end(true), 0);
    }
}
