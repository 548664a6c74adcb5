/** What can be asked about: the entities of the model with columns and relations, code systems, code sets. */
import * as vscode from 'vscode';

interface Entity {
  name: string;
  plural: string;
  doc: string[];
  linkage: string;
  columns: { name: string; type?: string; ty?: string; label: string; doc: string[] }[];
  relations: { name: string; rows: string; entity: string }[];
}

interface CodeSet {
  name: string;
  value: string;
  uri: string;
  range: { start: { line: number; character: number }; end: { line: number; character: number } };
}

export interface Schema {
  entities: Entity[];
  systems: { system: string; version: string }[];
  code_sets: CodeSet[];
}

/** A line of the tree with what hangs on it. */
class Line extends vscode.TreeItem {
  constructor(
    label: string,
    icon: string,
    description: string,
    readonly lines: Line[] = [],
    tooltip?: string,
  ) {
    const open = vscode.TreeItemCollapsibleState;
    super(label, lines.length > 0 ? open.Collapsed : open.None);
    this.iconPath = new vscode.ThemeIcon(icon);
    this.description = description;
    if (tooltip) this.tooltip = tooltip;
  }
}

export class SchemaTree implements vscode.TreeDataProvider<Line> {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;
  private top: Line[] = [];

  show(schema: Schema | undefined): void {
    this.top = schema ? lines(schema) : [];
    this.changed.fire();
  }

  getTreeItem(line: Line): vscode.TreeItem {
    return line;
  }

  getChildren(line?: Line): Line[] {
    return line ? line.lines : this.top;
  }
}

function lines(schema: Schema): Line[] {
  const entities = schema.entities.map((entity) => {
    const columns = entity.columns.map(
      (column) => new Line(column.name, 'symbol-field', `${column.type ?? column.ty ?? ''} · ${column.label}`, [], column.doc.join(' ')),
    );
    const relations = entity.relations.map(
      (relation) => new Line(relation.name, 'references', `${relation.rows} ${relation.entity}`),
    );
    return new Line(entity.plural, 'symbol-class', entity.linkage, [...columns, ...relations], entity.doc.join(' '));
  });
  const sets = schema.code_sets.map((set) => {
    const line = new Line(set.name, 'symbol-enum', set.value.split('\n')[0] ?? '', [], set.value);
    const { start, end } = set.range;
    const selection = new vscode.Range(start.line, start.character, end.line, end.character);
    line.command = { title: 'Open', command: 'vscode.open', arguments: [vscode.Uri.parse(set.uri), { selection }] };
    return line;
  });
  const systems = schema.systems.map((pinned) => new Line(pinned.system, 'tag', pinned.version));
  return [
    new Line('Entities', 'database', `${entities.length}`, entities),
    new Line('Code sets', 'list-unordered', `${sets.length}`, sets),
    new Line('Code systems', 'library', `${systems.length}`, systems),
  ].filter((line) => line.lines.length > 0);
}
