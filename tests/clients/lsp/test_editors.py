"""The server under editors that say different things of themselves: those whose words pytest-lsp has recorded, and
some that are made up to be awkward."""

import os
import pathlib

import pytest
import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

BASEQ = os.environ["BASEQ"]
HEAD = 'use agreement "DEMO"\nas of 2025-01-01\n\n'
# Letters of one, two, three and four bytes before what is asked about.
LETTERS = '-- é ü 漢 𝄞\n'
PROGRAM = HEAD + LETTERS + 'cohort adults = from subjects where grown: age >= 18 years\n'


def made_up(**changes):
    """An editor that can what Visual Studio Code can, but for some things."""
    capabilities = client_capabilities("visual_studio_code")
    for path, value in changes.items():
        *way, last = path.split("__")
        at = capabilities
        for step in way:
            at = getattr(at, step)
        setattr(at, last, value)
    return capabilities


EDITORS = {
    "Neovim 0.6": lambda: client_capabilities("neovim@v0.6.1"),
    "Neovim 0.7": lambda: client_capabilities("neovim@v0.7.0"),
    "Neovim 0.8": lambda: client_capabilities("neovim@v0.8.0"),
    "Neovim 0.9": lambda: client_capabilities("neovim@v0.9.1"),
    "Neovim 0.10": lambda: client_capabilities("neovim@v0.10.0"),
    "Neovim 0.11": lambda: client_capabilities("neovim@v0.11.0"),
    "Emacs 29": lambda: client_capabilities("emacs"),
    "Visual Studio Code": lambda: client_capabilities("visual_studio_code"),
    "one that counts bytes": lambda: made_up(general=types.GeneralClientCapabilities(position_encodings=["utf-8"])),
    "one that counts letters": lambda: made_up(general=types.GeneralClientCapabilities(position_encodings=["utf-32"])),
    "one that says nothing": lambda: types.ClientCapabilities(),
    "one that registers nothing": lambda: made_up(
        workspace__did_change_watched_files=types.DidChangeWatchedFilesClientCapabilities(dynamic_registration=False)
    ),
    "one that pulls": lambda: made_up(
        text_document__diagnostic=types.DiagnosticClientCapabilities(dynamic_registration=False)
    ),
}


@pytest_lsp.fixture(
    params=list(EDITORS), config=ClientServerConfig(server_command=[BASEQ, "lsp"])
)
async def client(request, lsp_client: LanguageClient, project):
    capabilities = EDITORS[request.param]()
    lsp_client.editor = request.param
    lsp_client.asks = capabilities
    lsp_client.feature("client/registerCapability")(lambda params: None)
    folder = types.WorkspaceFolder(uri=project.as_uri(), name="study")
    lsp_client.result = await lsp_client.initialize_session(
        types.InitializeParams(capabilities=capabilities, root_uri=project.as_uri(), workspace_folders=[folder])
    )
    yield
    await lsp_client.shutdown_session()


def width(client, text):
    """How many columns a text takes in the encoding that was agreed."""
    encoding = client.result.capabilities.position_encoding or "utf-16"
    return {"utf-8": len(text.encode()), "utf-16": len(text.encode("utf-16-le")) // 2, "utf-32": len(text)}[encoding]


def at(client, marked):
    before = marked[: marked.index("¦")]
    line = before.split("\n")[-1]
    return types.Position(line=before.count("\n"), character=width(client, line))


def opened(client, project, text, name="a.bq"):
    uri = (project / "queries" / name).as_uri()
    item = types.TextDocumentItem(uri=uri, language_id="bq", version=1, text=text)
    client.text_document_did_open(types.DidOpenTextDocumentParams(text_document=item))
    return types.TextDocumentIdentifier(uri=uri)


def pulls(client):
    text = client.asks.text_document
    return text is not None and text.diagnostic is not None


async def diagnostics(client, document):
    if pulls(client):
        report = await client.text_document_diagnostic_async(types.DocumentDiagnosticParams(text_document=document))
        return report.items
    await client.wait_for_notification("textDocument/publishDiagnostics")
    return client.diagnostics[document.uri]


@pytest.mark.asyncio
async def test_what_is_wrong_and_its_repair(client, project):
    marked = PROGRAM + "/* 𝄞 */".replace("/* ", "-- ").replace(" */", "\n") + 'table t = from adults group by ¦sxe show people = count(subjects)\n'
    document = opened(client, project, marked.replace("¦", ""))
    found = await diagnostics(client, document)
    wrong = next(it for it in found if it.code == "E0101")
    assert wrong.range.start == at(client, marked), client.editor
    context = types.CodeActionContext(diagnostics=[wrong])
    asked = types.CodeActionParams(text_document=document, range=wrong.range, context=context)
    actions = await client.text_document_code_action_async(asked)
    edits = actions[0].edit.changes[document.uri]
    assert [edit.new_text for edit in edits] == ["sex"]


@pytest.mark.asyncio
async def test_an_edit_behind_wide_letters(client, project):
    """The change is told in the editor's own columns, and what the server then says is of the changed text."""
    marked = HEAD + 'cohort c = from subjects where sex = female -- 漢𝄞é¦x\n'
    document = opened(client, project, marked.replace("¦", ""))
    start = at(client, marked)
    end = types.Position(line=start.line, character=start.character + 1)
    change = types.TextDocumentContentChangePartial(range=types.Range(start=start, end=end), text="\ncohort second = from c")
    version = types.VersionedTextDocumentIdentifier(uri=document.uri, version=2)
    client.text_document_did_change(types.DidChangeTextDocumentParams(text_document=version, content_changes=[change]))
    symbols = await client.text_document_document_symbol_async(types.DocumentSymbolParams(text_document=document))
    assert [symbol.name for symbol in symbols] == ["c", "second"], client.editor


@pytest.mark.asyncio
async def test_completion_and_what_it_says(client, project):
    marked = PROGRAM + "table t = from adults group by se¦"
    document = opened(client, project, marked.replace("¦", ""))
    asked = types.CompletionParams(text_document=document, position=at(client, marked))
    found = await client.text_document_completion_async(asked)
    sex = next(item for item in found.items if item.label == "sex")
    if sex.documentation is None:
        sex = await client.completion_item_resolve_async(sex)
    assert "quasi-identifier" in sex.documentation.value, client.editor
    assert all("2025" not in item.label for item in found.items)


@pytest.mark.asyncio
async def test_hover_definition_rename_and_layout(client, project):
    marked = PROGRAM + "table t =   from adul¦ts group by sex show people = count(subjects)\n"
    document = opened(client, project, marked.replace("¦", ""))
    place = at(client, marked)
    hover = await client.text_document_hover_async(types.HoverParams(text_document=document, position=place))
    assert "cohort adults" in hover.contents.value
    found = await client.text_document_definition_async(types.DefinitionParams(text_document=document, position=place))
    found = found[0] if isinstance(found, list) else found
    assert found.range.start == types.Position(line=4, character=7), client.editor
    renamed = types.RenameParams(text_document=document, position=place, new_name="grown_ups")
    edit = await client.text_document_rename_async(renamed)
    assert len(edit.changes[document.uri]) == 2
    options = types.FormattingOptions(tab_size=2, insert_spaces=True)
    asked = types.DocumentFormattingParams(text_document=document, options=options)
    assert len(await client.text_document_formatting_async(asked)) == 1


@pytest.mark.asyncio
async def test_hierarchies_hints_tokens_and_lenses(client, project):
    marked = PROGRAM + 'cohort s = from adul¦ts where has phenotype in HP:0001250\n'
    document = opened(client, project, marked.replace("¦", ""))
    place = at(client, marked)
    items = await client.text_document_prepare_call_hierarchy_async(
        types.CallHierarchyPrepareParams(text_document=document, position=place)
    )
    calls = await client.call_hierarchy_incoming_calls_async(types.CallHierarchyIncomingCallsParams(item=items[0]))
    assert [call.from_.name for call in calls] == ["s"]
    code = at(client, PROGRAM + 'cohort s = from adults where has phenotype in HP:00¦01250\n')
    terms = await client.text_document_prepare_type_hierarchy_async(
        types.TypeHierarchyPrepareParams(text_document=document, position=code)
    )
    above = await client.type_hierarchy_supertypes_async(types.TypeHierarchySupertypesParams(item=terms[0]))
    assert above and all(term.name.startswith("HP:") for term in above)
    whole = types.Range(start=types.Position(line=0, character=0), end=types.Position(line=99, character=0))
    hints = await client.text_document_inlay_hint_async(types.InlayHintParams(text_document=document, range=whole))
    assert " → 1 row per subject" in [hint.label for hint in hints]
    tokens = await client.text_document_semantic_tokens_full_async(types.SemanticTokensParams(text_document=document))
    assert len(tokens.data) > 0 and len(tokens.data) % 5 == 0
    lenses = await client.text_document_code_lens_async(types.CodeLensParams(text_document=document))
    assert [lens.command.title for lens in lenses] == ["policy", "count", "attrition", "count", "attrition"]
