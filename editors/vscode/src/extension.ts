/**
 * baseq in Visual Studio Code: the language client, and what stands beside the text.
 *
 * Whatever shows a number asks the server, which runs `baseq` itself: the same agreement, release and audit as in a
 * terminal. Results are shown in the panel and written nowhere: not to a log, a setting or a file.
 */
import { existsSync } from 'node:fs';
import * as vscode from 'vscode';
import { ExecuteCommandRequest, LanguageClient, type LanguageClientOptions, type ServerOptions } from 'vscode-languageclient/node';
import { Panel } from './panel';
import { Preview, type Sql } from './preview';
import type { Answer } from './render';
import { type Schema, SchemaTree } from './schema';

let client: LanguageClient | undefined;

/** A channel that keeps nothing: the messages of the protocol hold released numbers. */
function silent(): vscode.OutputChannel {
  const nothing = (): void => undefined;
  return { name: 'baseq', append: nothing, appendLine: nothing, replace: nothing, clear: nothing, show: nothing, hide: nothing, dispose: nothing };
}

/** The program: the one of the package, where it has one, else that of the settings. */
function program(context: vscode.ExtensionContext): string {
  const own = context.asAbsolutePath(process.platform === 'win32' ? 'server/baseq.exe' : 'server/baseq');
  const set = vscode.workspace.getConfiguration('baseq').get('server.path', 'baseq');
  return set === 'baseq' && existsSync(own) ? own : set;
}

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const panel = new Panel(context.extensionUri);
  const tree = new SchemaTree();

  const ask = async (command: string, args: unknown[], token?: vscode.CancellationToken): Promise<unknown> => {
    if (!client) throw new Error('the language server is not running');
    return client.sendRequest(ExecuteCommandRequest.type, { command, arguments: args }, token);
  };

  /** Does a command of the server, a lens or our own, and shows what came. */
  const show = async (command: string, args: unknown[]): Promise<void> => {
    const uri = vscode.Uri.parse(String(args[0]));
    const name = typeof args[1] === 'string' ? args[1] : '';
    try {
      if (command === 'baseq.sql') {
        const editor = vscode.window.visibleTextEditors.find((it) => it.document.uri.toString() === uri.toString());
        if (editor) await preview.open(editor, name);
        return;
      }
      if (command === 'baseq.policy') {
        const receipt = (await ask(command, args)) as Answer;
        await beside(`# Why this may be read\n\n${receipt.text}\n`, 'markdown');
        return;
      }
      // What runs is what is saved.
      const document = vscode.workspace.textDocuments.find((it) => it.uri.toString() === uri.toString());
      if (document?.isDirty && !(await document.save())) return;
      const title = { location: vscode.ProgressLocation.Notification, title: `baseq: ${name}`, cancellable: true };
      const answer = await vscode.window.withProgress(title, (_, token) => ask(command, args, token));
      const shown = answer as Answer;
      if (shown.format === 'count') void vscode.window.showInformationMessage(shown.text);
      else panel.show(shown, vscode.workspace.asRelativePath(uri));
    } catch (error) {
      if (error instanceof vscode.CancellationError) return;
      // The whole of a refusal needs room; its first line says which it is.
      const text = error instanceof Error ? error.message : String(error);
      const first = text.split('\n')[0] ?? text;
      void vscode.window.showErrorMessage(first);
      if (text !== first) panel.show({ name: name || 'baseq', format: 'refused', text, language: 'plaintext' }, vscode.workspace.asRelativePath(uri));
    }
  };

  /** The item at a place: the outermost symbol around it. */
  const item = async (document: vscode.TextDocument, at: vscode.Position, kinds?: vscode.SymbolKind[]): Promise<string | undefined> => {
    const symbols = await vscode.commands.executeCommand<vscode.DocumentSymbol[] | undefined>(
      'vscode.executeDocumentSymbolProvider',
      document.uri,
    );
    const wanted = (symbols ?? []).filter((symbol) => !kinds || kinds.includes(symbol.kind));
    return wanted.find((symbol) => symbol.range.contains(at))?.name;
  };

  const tables = [vscode.SymbolKind.Struct, vscode.SymbolKind.Event];
  const preview = new Preview(
    async (uri, name) => (await ask('baseq.sql', [uri.toString(), name])) as Sql,
    (document, at) => item(document, at, [vscode.SymbolKind.Struct]),
  );

  const here = (command: string, kinds: vscode.SymbolKind[], what: string) => async (): Promise<void> => {
    const editor = vscode.window.activeTextEditor;
    if (editor?.document.languageId !== 'bq') return;
    const name = await item(editor.document, editor.selection.active, kinds);
    if (name) await show(command, [editor.document.uri.toString(), name]);
    else void vscode.window.showInformationMessage(`Put the cursor into ${what}.`);
  };

  const refresh = async (): Promise<void> => {
    const document = [vscode.window.activeTextEditor?.document, ...vscode.workspace.textDocuments].find(
      (it) => it?.languageId === 'bq',
    );
    const found = document ? undefined : await vscode.workspace.findFiles('**/*.bq', undefined, 1);
    const uri = document?.uri ?? found?.[0];
    try {
      tree.show(uri ? ((await ask('baseq.schema', [uri.toString()])) as Schema) : undefined);
    } catch {
      tree.show(undefined);
    }
  };

  const start = async (): Promise<void> => {
    const server: ServerOptions = { command: program(context), args: ['lsp'] };
    const options: LanguageClientOptions = {
      documentSelector: [{ scheme: 'file', language: 'bq' }],
      outputChannel: vscode.window.createOutputChannel('baseq'),
      traceOutputChannel: silent(),
      synchronize: { fileEvents: vscode.workspace.createFileSystemWatcher('**/{*.bq,*.csv,baseq.toml,baseq.lock}') },
      middleware: { executeCommand: (command, args) => show(command, args) },
    };
    client = new LanguageClient('baseq', 'baseq', server, options);
    try {
      await client.start();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const set = 'Set the path';
      const chosen = await vscode.window.showErrorMessage(`baseq could not be started: ${reason}`, set);
      if (chosen === set) await vscode.commands.executeCommand('workbench.action.openSettings', 'baseq.server.path');
    }
  };

  const command = (name: string, run: () => unknown): vscode.Disposable => vscode.commands.registerCommand(name, run);
  context.subscriptions.push(
    preview,
    vscode.window.registerTreeDataProvider('baseq.schema', tree),
    command('baseq.runHere', here('baseq.run', tables, 'a table')),
    command('baseq.countHere', here('baseq.count', [vscode.SymbolKind.Class], 'a cohort')),
    command('baseq.attritionHere', here('baseq.attrition', [vscode.SymbolKind.Class], 'a cohort')),
    command('baseq.showSql', here('baseq.sql', [vscode.SymbolKind.Struct], 'a table')),
    command('baseq.showPolicy', () => {
      const uri = vscode.window.activeTextEditor?.document.uri;
      return uri ? show('baseq.policy', [uri.toString()]) : undefined;
    }),
    command('baseq.refreshSchema', refresh),
    command('baseq.restart', async () => {
      await client?.stop().catch(() => undefined);
      await start();
      await refresh();
    }),
    vscode.workspace.onDidChangeConfiguration((event) =>
      event.affectsConfiguration('baseq.server.path') ? vscode.commands.executeCommand('baseq.restart') : undefined,
    ),
    vscode.workspace.onDidSaveTextDocument((document) => (document.languageId === 'bq' ? refresh() : undefined)),
    vscode.window.onDidChangeActiveTextEditor((editor) => (editor?.document.languageId === 'bq' ? refresh() : undefined)),
  );
  await start();
  await refresh();
}

/** A text beside the editor, to be read. */
async function beside(content: string, language: string): Promise<void> {
  const document = await vscode.workspace.openTextDocument({ content, language });
  await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true, preview: true });
}

export async function deactivate(): Promise<void> {
  await client?.stop();
}
