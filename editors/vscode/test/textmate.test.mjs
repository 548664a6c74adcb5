// The generated TextMate grammar, as the editor applies it: vscode-textmate with its engine of regular expressions.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import test from 'node:test';

const require = createRequire(import.meta.url);
const textmate = require('vscode-textmate');
const oniguruma = require('vscode-oniguruma');

const wasm = readFileSync(require.resolve('vscode-oniguruma/release/onig.wasm'));
const here = (path) => new URL(path, import.meta.url);
const engine = oniguruma.loadWASM(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.length)).then(() => ({
  createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
  createOnigString: (text) => new oniguruma.OnigString(text),
}));
const registry = new textmate.Registry({
  onigLib: engine,
  loadGrammar: async () =>
    textmate.parseRawGrammar(readFileSync(here('../syntaxes/baseq.tmLanguage.json'), 'utf8'), 'baseq.tmLanguage.json'),
});
const grammar = await registry.loadGrammar('source.bq');

/** The words of a line, each with its innermost scope without the language. */
function tokens(text) {
  let stack = textmate.INITIAL;
  const found = [];
  for (const line of text.split('\n')) {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, stack);
    stack = ruleStack;
    for (const token of tokens) {
      const word = line.slice(token.startIndex, token.endIndex);
      const scope = token.scopes.at(-1).replace(/\.bq$/, '');
      if (word.trim() !== '') found.push([word.trim(), scope]);
    }
  }
  return found;
}

const scope = (text, word) => tokens(text).find(([found]) => found === word)?.[1];

test('the head of a program', () => {
  assert.deepEqual(tokens('--| What is asked?\nuse agreement "HEART-24"\nas of 2026-06-01 -- why'), [
    ['--| What is asked?', 'comment.line.documentation'],
    ['use', 'keyword.control'],
    ['agreement', 'keyword.other'],
    ['"', 'string.quoted.double'],
    ['HEART-24', 'string.quoted.double'],
    ['"', 'string.quoted.double'],
    ['as', 'keyword.control'],
    ['of', 'keyword.control'],
    ['2026-06-01', 'constant.other.date'],
    ['-- why', 'comment.line.double-dash'],
  ]);
});

test('literals', () => {
  const text =
    "let l = [HP:0001638 \"Heart\", NM_000059.4:c.5946del, GRCh38:chr13:32340300:GT:G, rs80357906, 48 'mmol/mol', 0.1%, 18 years, `visit start`, 5e-8, 1_000]";
  for (const [word, wanted] of [
    ['HP:0001638', 'constant.other.code'],
    ['NM_000059.4:c.5946del', 'constant.other.hgvs'],
    ['GRCh38:chr13:32340300:GT:G', 'constant.other.locus'],
    ['rs80357906', 'constant.other.rs'],
    ["'mmol/mol'", 'string.quoted.single.unit'],
    ['0.1', 'constant.numeric'],
    ['%', 'keyword.other.unit'],
    ['18', 'constant.numeric'],
    ['years', 'keyword.other.unit'],
    ['`visit start`', 'variable.other.quoted'],
    ['5e-8', 'constant.numeric'],
    ['1_000', 'constant.numeric'],
  ]) {
    assert.equal(scope(text, word), wanted, word);
  }
});

test('words in their phrases, and names elsewhere', () => {
  const inside = [
    ['where at least 2 visits on different days within 12 months of each other', 'least'],
    ['where consent valid at index', 'valid'],
    ['group by sex with totals', 'totals'],
    ['order by people descending', 'descending'],
    ['where a is not known', 'known'],
    ['where gnomad.af < 1% counting absent as zero', 'zero'],
    ['match 4 to each of cases on sex seed 7', 'seed'],
  ];
  for (const [text, word] of inside) assert.equal(scope(text, word), 'keyword.other', `${word} in ${text}`);
  for (const word of ['least', 'valid', 'known', 'zero', 'model', 'key', 'unit', 'age']) {
    assert.notEqual(scope(`show a, ${word}, b`, word), 'keyword.other', word);
  }
});

test('a name is no part of a longer word, and a word in a text is none', () => {
  assert.ok(!tokens('show from_date, island, orders').some(([, scope]) => scope === 'keyword.operator.word'));
  assert.equal(scope('let t = "where from"', 'where from'), 'string.quoted.double');
  assert.equal(scope('-- where from', '-- where from'), 'comment.line.double-dash');
  // A text that is not closed ends with its line.
  assert.equal(scope('let t = "open\nwhere a', 'where'), 'keyword.control');
});

test('every reserved word is one', async () => {
  const words = require('../../../grammar/tree-sitter-baseq/words.js');
  for (const word of words.reserved) {
    const found = scope(`x ${word} x`, word);
    assert.match(String(found), /^(keyword\.|constant\.language)/, word);
  }
});

test('declared names', () => {
  assert.equal(scope('cohort adults =', 'adults'), 'entity.name');
  assert.equal(scope('  where grown: age >= 18 years', 'grown'), 'entity.name');
  assert.equal(scope('show n = count(subjects)', 'count'), 'entity.name.function');
});
