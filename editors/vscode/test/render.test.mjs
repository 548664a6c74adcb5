// The panel: everything is escaped, nothing can run, and what is kept back is not shown.
import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const out = join(mkdtempSync(join(tmpdir(), 'baseq-render-')), 'render.mjs');
await build({ entryPoints: [new URL('../src/render.ts', import.meta.url).pathname], outfile: out, format: 'esm', logLevel: 'error' });
const { body, page } = await import(pathToFileURL(out));

const column = (name, type, kind = 'value') => ({ name, type, unit: null, kind });

test('rows, numbers and what is withheld', () => {
  const text = JSON.stringify({
    columns: [column('sex', 'text', 'key'), column('people', 'int')],
    rows: [{ sex: 'female', people: 70 }, { sex: 'male', people: { withheld: true } }, { sex: null, people: 0 }],
    notes: { cells: 6, withheld: 1, secondary: 0, min_subjects: 10, round_to: 5, allele_min_carriers: null },
  });
  const html = body({ name: 'by_sex', format: 'json', text, language: 'json', said: 'counts are rounded\n' }, 'a.bq');
  assert.match(html, /<td>female<\/td><td class="number">70<\/td>/);
  assert.match(html, /<td>male<\/td><td class="withheld"[^>]*>withheld<\/td>/);
  assert.match(html, /<td class="missing">–<\/td><td class="number">0<\/td>/);
  assert.match(html, /<li>counts are rounded<\/li>/);
  assert.match(html, /<li>1 cell withheld<\/li><li>counts below 10 people are withheld<\/li><li>counts are rounded to the nearest 5<\/li>/);
  assert.ok(!html.includes('carriers'));
  assert.ok(!html.includes('svg'));
});

test('an attrition has bars, and none for a number that is not told', () => {
  const columns = ['cohort', 'rule', 'in', 'out', 'unknown'].map((name) => column(name, 'int'));
  const rows = [{ cohort: 's', rule: 'permitted', in: 200, out: null }, { cohort: 'c', rule: 'a', in: { withheld: true } }, { cohort: 'c', rule: 'b', in: 50 }];
  const html = body({ name: 'c', format: 'json', text: JSON.stringify({ columns, rows }), language: 'json' }, 'a.bq');
  assert.equal(html.match(/<svg/g).length, 2);
  assert.match(html, /<rect class="in" width="25"/);
});

test('nothing in a result can be markup', () => {
  const evil = `"><img src=x onerror=alert(1)>'`;
  const text = JSON.stringify({ columns: [column(evil, 'text')], rows: [{ [evil]: evil }] });
  for (const answer of [
    { name: evil, format: 'json', text, language: 'json', said: evil },
    { name: evil, format: 'table', text: evil, language: 'plaintext' },
    { name: evil, format: 'json', text: `no json ${evil}`, language: 'json' },
  ]) {
    const html = page(body(answer, evil), 'style.css', "'self'");
    assert.ok(!html.includes('<img'), html);
    assert.ok(!/<script/i.test(html));
  }
});

test('the policy of the page lets nothing run and loads one style', () => {
  const html = page('', 'https://x/panel.css', 'https://x');
  assert.match(html, /content="default-src 'none'; style-src https:\/\/x;"/);
});
