/** The panel beside the text: the last released result. What it shows is kept nowhere. */
import * as vscode from 'vscode';
import { type Answer, body, page } from './render';

export class Panel {
  private panel: vscode.WebviewPanel | undefined;

  constructor(private readonly extension: vscode.Uri) {}

  show(answer: Answer, from: string): void {
    this.panel ??= this.open();
    const { webview } = this.panel;
    const style = webview.asWebviewUri(vscode.Uri.joinPath(this.extension, 'media', 'panel.css'));
    this.panel.title = answer.name;
    webview.html = page(body(answer, from), style.toString(), webview.cspSource);
    this.panel.reveal(undefined, true);
  }

  private open(): vscode.WebviewPanel {
    const panel = vscode.window.createWebviewPanel(
      'baseq.result',
      'baseq',
      { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
      {
        enableScripts: false,
        enableCommandUris: false,
        enableForms: false,
        localResourceRoots: [vscode.Uri.joinPath(this.extension, 'media')],
      },
    );
    panel.onDidDispose(() => (this.panel = undefined));
    return panel;
  }
}
