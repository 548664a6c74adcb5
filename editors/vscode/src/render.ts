/**
 * Released results as HTML, and nothing else: no script, no style of its own, every text escaped.
 *
 * It knows what a result looks like and nothing of the editor, so that it is tested without one.
 */

/** What the server answers to a run, an attrition or a count. */
export interface Answer {
  name: string;
  format: string;
  text: string;
  language: string;
  said?: string;
}

interface Column {
  name: string;
  type: string;
  unit: string | null;
  kind: string;
}

interface Released {
  columns: Column[];
  rows: Record<string, unknown>[];
  notes?: Record<string, unknown>;
}

export function escape(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** Whether a value is a cell that the rules of release keep back. */
function isWithheld(value: unknown): boolean {
  return typeof value === 'object' && value !== null && (value as { withheld?: unknown }).withheld === true;
}

function cell(value: unknown, column: Column): string {
  if (isWithheld(value)) return '<td class="withheld" title="the rules of release keep this number back">withheld</td>';
  if (value === null || value === undefined) return '<td class="missing">–</td>';
  const number = typeof value === 'number';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  const unit = number && column.unit ? ` ${column.unit}` : '';
  return `<td${number ? ' class="number"' : ''}>${escape(text + unit)}</td>`;
}

/** Whether these are the rows of an attrition. */
function isAttrition(released: Released): boolean {
  const names = released.columns.map((column) => column.name);
  return ['cohort', 'rule', 'in', 'out'].every((name) => names.includes(name));
}

/** A bar for those who are left; none where their number is not told. */
function bar(value: unknown, most: number): string {
  if (typeof value !== 'number' || most <= 0) return '<td></td>';
  const width = Math.round((1000 * Math.max(0, value)) / most) / 10;
  return (
    '<td><svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" ' +
    `aria-label="${width} percent"><rect class="all" width="100" height="10"/>` +
    `<rect class="in" width="${width}" height="10"/></svg></td>`
  );
}

function table(released: Released): string {
  const attrition = isAttrition(released);
  const numbers = released.rows.map((row) => row['in']).filter((it): it is number => typeof it === 'number');
  const most = Math.max(0, ...numbers);
  // The bar stands before the number that it shows, where a narrow panel still has room for it.
  const barred = (column: Column): boolean => attrition && column.name === 'in';
  const head = released.columns
    .map((column) => `${barred(column) ? '<th></th>' : ''}<th>${escape(column.name.replaceAll('_', ' '))}</th>`)
    .join('');
  const rows = released.rows.map((row) => {
    const cells = released.columns.map(
      (column) => (barred(column) ? bar(row['in'], most) : '') + cell(row[column.name], column),
    );
    return `<tr>${cells.join('')}</tr>`;
  });
  return `<table><thead><tr>${head}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

/** What the rules of release did to the numbers, in the words of a terminal. */
function rules(notes: Record<string, unknown> | undefined): string[] {
  const number = (key: string): number => (typeof notes?.[key] === 'number' ? (notes[key] as number) : 0);
  const lines: string[] = [];
  const [withheld, secondary] = [number('withheld'), number('secondary')];
  if (withheld > 0) {
    const also = secondary > 0 ? `, ${secondary} of them so that others cannot be worked out` : '';
    lines.push(`${withheld} ${withheld === 1 ? 'cell' : 'cells'} withheld${also}`);
  }
  if (number('min_subjects') > 0) lines.push(`counts below ${number('min_subjects')} people are withheld`);
  if (number('frequency_min_subjects') > 0) lines.push(`frequencies among fewer than ${number('frequency_min_subjects')} people are withheld`);
  if (number('allele_min_carriers') > 0) lines.push(`alleles with fewer than ${number('allele_min_carriers')} carriers are withheld`);
  if (number('round_to') > 1) lines.push(`counts are rounded to the nearest ${number('round_to')}`);
  return lines;
}

/** The body of the panel. */
export function body(answer: Answer, from: string): string {
  let shown: string | undefined;
  let lines: string[] = [];
  if (answer.format === 'json') {
    try {
      // Several results stand one after another; a panel is asked for one.
      const released = JSON.parse(answer.text) as Released;
      shown = table(released);
      lines = rules(released.notes);
    } catch {
      shown = undefined;
    }
  }
  shown ??= `<pre>${escape(answer.text)}</pre>`;
  const said = [...lines, ...(answer.said ?? '').split('\n').filter((line) => line.trim() !== '')];
  const notes = said.length > 0 ? `<ul class="notes">${said.map((line) => `<li>${escape(line)}</li>`).join('')}</ul>` : '';
  return `<h1>${escape(answer.name)}</h1><p class="from">${escape(from)}</p>${shown}${notes}`;
}

/** The page: its policy lets it load the one style sheet and nothing else, and run nothing. */
export function page(content: string, style: string, source: string): string {
  return (
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">' +
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${escape(source)};">` +
    `<link rel="stylesheet" href="${escape(style)}"><title>baseq</title></head><body>${content}</body></html>`
  );
}
