/**
 * The SQL of the item at the cursor, beside the text. It follows the cursor: what comes from the words there is
 * marked, and a cursor in the SQL marks the words that it comes from.
 */
import * as vscode from 'vscode';

interface Place {
  start: { line: number; character: number };
  end: { line: number; character: number };
}

export interface Sql {
  text: string;
  map: { sql: Place; uri: string; query: Place; step: string | null }[];
}

const SCHEME = 'baseq-sql';
const SHOWN = vscode.Uri.parse(`${SCHEME}:/preview.sql`);
/** How long the cursor rests before the preview follows, in milliseconds. */
const REST = 250;

const range = (place: Place): vscode.Range =>
  new vscode.Range(place.start.line, place.start.character, place.end.line, place.end.character);

const size = (place: Place): number =>
  (place.end.line - place.start.line) * 1000 + place.end.character - place.start.character;

export class Preview implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;
  private readonly mark = vscode.window.createTextEditorDecorationType({
    backgroundColor: new vscode.ThemeColor('editor.wordHighlightBackground'),
  });
  private readonly parts: vscode.Disposable[];
  private sql: Sql = { text: '', map: [] };
  private of: { uri: string; version: number; name: string } | undefined;
  private timer: NodeJS.Timeout | undefined;

  /** `ask` gives the SQL of an item; `item` is the name of the item at a place. */
  constructor(
    private readonly ask: (uri: vscode.Uri, name: string) => Promise<Sql>,
    private readonly item: (document: vscode.TextDocument, at: vscode.Position) => Promise<string | undefined>,
  ) {
    this.parts = [
      this.mark,
      this.changed,
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      vscode.window.onDidChangeTextEditorSelection((event) => this.moved(event.textEditor)),
      vscode.workspace.onDidChangeTextDocument((event) => {
        const editor = vscode.window.activeTextEditor;
        if (editor && editor.document === event.document) this.moved(editor);
      }),
    ];
  }

  provideTextDocumentContent(): string {
    return this.sql.text;
  }

  /** Opens it for the item at the cursor, or for the one that is named. */
  async open(editor: vscode.TextEditor, name?: string): Promise<void> {
    await this.follow(editor, name);
    const document = await vscode.workspace.openTextDocument(SHOWN);
    await vscode.languages.setTextDocumentLanguage(document, 'sql');
    await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true });
    this.highlight(editor);
  }

  private moved(editor: vscode.TextEditor): void {
    if (!this.shown() || !vscode.workspace.getConfiguration('baseq').get('sqlPreview.follow', true)) return;
    if (editor.document.uri.toString() === SHOWN.toString()) {
      this.back(editor);
      return;
    }
    if (editor.document.languageId !== 'bq') return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.follow(editor).then(() => this.highlight(editor)), REST);
  }

  private shown(): vscode.TextEditor | undefined {
    return vscode.window.visibleTextEditors.find((editor) => editor.document.uri.toString() === SHOWN.toString());
  }

  /**
   * Takes the SQL of the table at the cursor. Elsewhere (in a cohort that the table reads) the last SQL stays, and so
   * it does while a text has mistakes.
   */
  private async follow(editor: vscode.TextEditor, named?: string): Promise<void> {
    const { document, selection } = editor;
    const at = named || (await this.item(document, selection.active));
    const name = at ?? (this.of?.uri === document.uri.toString() ? this.of.name : undefined);
    if (!name) return;
    const of = { uri: document.uri.toString(), version: document.version, name };
    if (this.of && this.of.uri === of.uri && this.of.version === of.version && this.of.name === of.name) return;
    try {
      this.sql = await this.ask(document.uri, name);
      this.of = of;
      this.changed.fire(SHOWN);
    } catch {
      // Its diagnostics stand in the text.
    }
  }

  private highlight(editor: vscode.TextEditor): void {
    const shown = this.shown();
    if (!shown) return;
    const [uri, at] = [editor.document.uri.toString(), editor.selection.active];
    const mine = this.sql.map.filter((one) => one.uri === uri);
    const inside = mine.filter((one) => range(one.query).contains(at));
    // The name of a rule is in no condition: what its line asks for stands for it.
    const around = inside.length > 0 ? inside : mine.filter((one) => one.query.start.line === at.line);
    const least = Math.min(...around.map((one) => size(one.query)));
    const nearest = around.filter((one) => size(one.query) === least).map((one) => range(one.sql));
    shown.setDecorations(this.mark, nearest);
    const first = nearest[0];
    if (first) shown.revealRange(first, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  }

  private back(shown: vscode.TextEditor): void {
    const around = this.sql.map.filter((one) => range(one.sql).contains(shown.selection.active));
    const least = Math.min(...around.map((one) => size(one.sql)));
    const nearest = around.filter((one) => size(one.sql) === least);
    for (const editor of vscode.window.visibleTextEditors) {
      const uri = editor.document.uri.toString();
      if (editor.document.languageId === 'bq') {
        editor.setDecorations(this.mark, nearest.filter((one) => one.uri === uri).map((one) => range(one.query)));
      }
    }
  }

  dispose(): void {
    clearTimeout(this.timer);
    for (const part of this.parts) part.dispose();
  }
}
