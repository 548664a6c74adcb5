/**
 * The grammar of .bq files for editors, after ../bq.ebnf; a test holds both to the compiler's parser.
 *
 * It is a little wider than the language: what a name may mean, and what `or` beside `and` means, the compiler says.
 * Words come from the token table by way of words.js. A word that is not reserved is a name wherever the grammar
 * does not expect the word itself; only those that may stand where a name may are listed under `name`.
 */
/// <reference types="tree-sitter-cli/dsl" />
// @ts-check

const words = require('./words.js');

const spelled = new Set([...words.reserved, ...words.contextual, ...words.signs]);

/** A word or sign of the language, and only of it. */
function w(spelling) {
  if (!spelled.has(spelling)) throw new Error(`\`${spelling}\` is not in the token table`);
  return spelling;
}

/** Several in a row. */
const phrase = (...spellings) => seq(...spellings.map(w));

/** One or more with commas between. */
const list = (rule) => seq(rule, repeat(seq(w(','), rule)));

module.exports = grammar({
  name: 'baseq',

  word: ($) => $._word,

  reserved: { global: () => words.reserved },

  extras: ($) => [/\s/, $.comment, $.doc_comment],

  conflicts: ($) => [
    // `consent valid for research` against `consent valid`, then `for each …`: the second word decides.
    [$.consent],
    // After a field may come its unit or label, or a field whose name is that word: the colon decides.
    [$.field],
  ],

  supertypes: ($) => [$._item, $._expression],

  rules: {
    source_file: ($) => repeat($._item),

    // Tokens of equal length: the first named wins, so these stand before the wider ones.
    hgvs: () =>
      choice(
        /([NX][MRPCGTW]_[0-9]+|ENS[TGP][0-9]+)\.[0-9]+:[cgmnpr]\.[A-Za-z0-9_+\-*>=]+/,
        /LRG_[0-9]+([tp][0-9]+)?:[cgmnpr]\.[A-Za-z0-9_+\-*>=]+/,
      ),
    locus: () =>
      /GRCh[0-9]+:[A-Za-z0-9_]+(\.[0-9]+)?(:[0-9]+(-[0-9]+|:[A-Za-z]+:([A-Za-z]+|\*|<[A-Za-z0-9:]+>))?)?/,
    code_name: () =>
      /[A-Z][A-Za-z0-9_]*:([A-Za-z_]+[./-])*[A-Za-z_]*[0-9][A-Za-z0-9_]*([./-][A-Za-z0-9_]+)*/,
    rs_id: () => /rs[0-9]+/,
    date: () => /[0-9][0-9][0-9][0-9]-[0-9][0-9](-[0-9][0-9])?/,
    integer: () => /[0-9]+(_[0-9]+)*/,
    decimal: () => /[0-9]+(_[0-9]+)*(\.[0-9]+(_[0-9]+)*)?([eE][+-]?[0-9]+)?/,
    string: ($) => seq('"', repeat(choice($.escape, $._characters)), token.immediate('"')),
    _characters: () => token.immediate(prec(1, /[^"\\\r\n]+/)),
    escape: () => token.immediate(/\\[^\r\n]/),
    ucum: () => /'[^'\r\n]*'/,
    doc_comment: () => token(prec(1, /--\|[^\r\n]*/)),
    comment: () => token(/--[^\r\n]*/),
    quoted_name: () => /`[^`\r\n]*`/,
    _word: () => /[\p{L}_][\p{L}0-9_]*/,

    name: ($) =>
      choice(
        $._word,
        $.quoted_name,
        // Words that may stand where a name may.
        ...['different', 'identifier', 'quasi', 'sensitive', 'general', 'public', 'unit', 'one', 'many'].map(w),
      ),
    path: ($) => prec.right(seq($.name, repeat(seq(w('.'), $.name)))),

    // Items.
    _item: ($) =>
      choice(
        $.use,
        $.as_of,
        $.import,
        $.codes,
        $.param,
        $.define,
        $.cohort,
        $.table,
        $.attrition,
        $.describe,
        $.compare,
        $.test,
        $.model,
        $.entity,
        $.agreement,
        $.purpose_item,
        $.majority,
        $.death,
      ),

    use: ($) => seq(phrase('use', 'agreement'), list($.string), optional(seq(w('for'), field('purpose', $.path)))),
    as_of: ($) => seq(phrase('as', 'of'), choice($.date, $.name)),
    import: ($) =>
      seq(w('import'), field('source', $.string), optional(seq(w('('), list(field('name', $.name)), w(')')))),
    codes: ($) =>
      seq(w('codes'), field('name', $.name), w('='), choice($._set, seq(w('from'), field('source', $.string)))),
    param: ($) => seq(w('param'), $.formal),
    formal: ($) =>
      seq(
        field('name', $.name),
        w(':'),
        field('type', $.type),
        optional(seq(w('='), field('default', $._expression))),
      ),
    type: ($) => seq($.name, optional(seq(w('of'), $.name)), optional(w('?'))),
    define: ($) =>
      seq(
        w('define'),
        choice(
          field('name', $.name),
          seq(field('entity', $.name), w('.'), field('name', $.name)),
        ),
        optional(field('parameters', $.formals)),
        optional(seq(w(':'), field('type', $.type))),
        w('='),
        field('value', $._expression),
      ),
    formals: ($) => seq(w('('), list($.formal), w(')')),
    cohort: ($) =>
      seq(
        w('cohort'),
        field('name', $.name),
        w('='),
        w('from'),
        field('source', $.path),
        repeat(choice($.where, $.let, $.index, $.exit, $.match, $.draw)),
      ),
    table: ($) =>
      seq(
        w('table'),
        field('name', $.name),
        w('='),
        w('from'),
        field('source', $.path),
        repeat(choice($.where, $.let, $.for_each, $.group_by, $.frequency, $.show, $.order_by, $.limit)),
      ),
    attrition: ($) => seq(phrase('attrition', 'of'), field('cohort', $.path)),
    describe: ($) =>
      seq(w('describe'), field('cohort', $.path), optional(seq(w('by'), $._columns)), optional($.show)),
    compare: ($) =>
      seq(w('compare'), field('cohort', $.path), w('with'), field('other', $.path), optional($.show)),

    // Clauses.
    where: ($) => seq(w('where'), optional(seq(field('name', $.name), w(':'))), $._expression),
    let: ($) => seq(w('let'), field('name', $.name), w('='), field('value', $._expression)),
    show: ($) => seq(w('show'), $._columns),
    index: ($) => seq(phrase('index', 'at'), optional(w('each')), $._expression),
    exit: ($) => seq(phrase('exit', 'at'), $._columns),
    for_each: ($) =>
      seq(phrase('for', 'each'), field('name', $.name), w('in'), field('rows', $._expression)),
    match: ($) =>
      seq(
        w('match'),
        $.integer,
        phrase('to', 'each', 'of'),
        field('cases', $.path),
        w('on'),
        list($.match_key),
        w('seed'),
        $.integer,
      ),
    match_key: ($) => seq($._sum, optional(seq(w('within'), $._sum))),
    frequency: ($) =>
      seq(
        w('frequency'),
        optional(seq(field('name', $.name), w('='))),
        w('among'),
        $._test,
        optional(seq(w('by'), $._columns, optional(phrase('with', 'totals')))),
      ),
    group_by: ($) => seq(phrase('group', 'by'), $._columns, optional(phrase('with', 'totals'))),
    order_by: ($) => seq(phrase('order', 'by'), list($.order_key)),
    order_key: ($) => seq($._expression, optional(w('descending'))),
    draw: ($) => seq(w('draw'), $.integer, w('seed'), $.integer),
    limit: ($) => seq(w('limit'), $.integer),

    _columns: ($) => list($.column),
    // A column that begins with a name and `=` is named.
    column: ($) =>
      choice(
        prec(1, seq(field('name', $.name), w('='), $._expression, optional($.nested))),
        seq($._expression, optional($.nested)),
      ),
    nested: ($) => seq(w('{'), $._columns, w('}')),

    // Expressions, loosest first.
    _expression: ($) => choice($.case, $.and, $.or, $._not),
    and: ($) => seq($._not, repeat1(seq(w('and'), $._not))),
    or: ($) => seq($._not, repeat1(seq(w('or'), $._not))),
    _not: ($) => choice($.not, $._claim),
    not: ($) => seq(w('not'), $._not),
    case: ($) =>
      seq(
        w('case'),
        repeat1(seq(w('when'), $._expression, w('then'), $._expression)),
        w('otherwise'),
        $._expression,
      ),
    _claim: ($) => choice($.quantifier, $.count, $.observed, $.consent, $._test),
    quantifier: ($) => seq(choice(w('has'), w('no'), w('excludes')), $._test),
    count: ($) =>
      seq(
        choice(seq(w('at'), choice(w('least'), w('most'))), w('exactly')),
        field('number', choice($.integer, $.name)),
        choice($._test, seq(w('of'), $.list)),
      ),
    observed: ($) => seq(w('observed'), $._sum, choice(w('..'), w('before'), w('after')), $._sum),
    consent: ($) =>
      seq(
        phrase('consent', 'valid'),
        optional(seq(w('at'), $._sum)),
        optional(seq(w('for'), field('purpose', $.path))),
      ),
    _test: ($) => choice($.comparison, $.membership, $.windowed, $.known, $._sum),
    comparison: ($) =>
      seq(
        field('left', $._sum),
        field('operator', choice(...['=', '!=', '<', '<=', '>', '>='].map(w))),
        field('right', $._sum),
        optional(seq(phrase('counting', 'absent', 'as'), choice(w('zero'), w('unknown')))),
      ),
    membership: ($) =>
      prec.right(
        seq(
          field('rows', $._sum),
          optional(w('not')),
          w('in'),
          $._set,
          optional($.condition),
          repeat($.window),
        ),
      ),
    condition: ($) => seq(w('('), $._expression, w(')')),
    windowed: ($) => prec.right(seq(field('rows', $._sum), repeat1($.window))),
    known: ($) => seq($._sum, w('is'), optional(w('not')), w('known')),
    _set: ($) => prec.right(seq($._member, optional(seq(w('excluding'), $._member)))),
    _member: ($) => choice(prec.right(seq($._end, optional(seq(w('..'), $._end)))), $.list),
    _end: ($) => choice(seq(optional(w('only')), $._literal), $.path),
    window: ($) =>
      prec.right(
        choice(
          seq(optional(phrase('on', 'or')), choice(w('before'), w('after')), $._sum),
          seq(w('on'), choice($._sum, phrase('different', 'days'))),
          seq(w('during'), $._sum, optional(seq(w('..'), $._sum))),
          seq(
            w('within'),
            $._sum,
            choice(
              seq(optional(phrase('on', 'or')), choice(w('before'), w('after')), $._sum),
              seq(w('of'), choice($._sum, phrase('each', 'other'))),
            ),
          ),
        ),
      ),
    _sum: ($) => choice($.binary, $.negative, $._dated),
    binary: ($) =>
      choice(
        prec.left(1, seq($._sum, field('operator', choice(w('+'), w('-'))), $._sum)),
        prec.left(2, seq($._sum, field('operator', choice(w('*'), w('/'))), $._sum)),
      ),
    negative: ($) => prec(3, seq(w('-'), $._sum)),
    _dated: ($) => choice($.dated, $._postfix),
    dated: ($) => seq($._postfix, w('at'), field('date', $._postfix)),
    _postfix: ($) => choice($._atom, $.call, $.member, alias($.name, $.reference)),
    member: ($) => seq($._postfix, w('.'), field('member', choice($.name, $.call))),
    call: ($) => seq(field('function', $.name), $.arguments),
    arguments: ($) => seq(w('('), optional(list($.argument)), w(')')),
    argument: ($) =>
      seq(
        optional(seq(field('name', $.name), w(':'))),
        $._expression,
        optional(seq(w('if'), $._expression)),
        optional(seq(w('by'), $._expression, optional(w('descending')))),
      ),
    _atom: ($) => choice($._literal, $.list, alias(w('index'), $.index_date), $.group),
    group: ($) => seq(w('('), list($._expression), w(')')),
    list: ($) => seq(w('['), optional(list($._entry)), w(']')),
    _entry: ($) =>
      choice(
        $._expression,
        seq(w('only'), $._literal),
        $.range,
      ),
    range: ($) => seq($._literal, w('..'), $._literal),
    _literal: ($) =>
      choice($.quantity, $.date, $.string, $.code, $.hgvs, $.rs_id, $.locus, alias(choice(w('true'), w('false')), $.boolean)),
    quantity: ($) =>
      seq(
        choice($.integer, $.decimal),
        optional(
          choice(
            w('%'),
            $.ucum,
            alias(choice(...['day', 'days', 'week', 'weeks', 'month', 'months', 'year', 'years'].map(w)), $.unit),
          ),
        ),
      ),
    code: ($) => prec.right(seq($.code_name, optional(field('label', $.string)))),

    // Tests.
    test: ($) =>
      seq(
        w('test'),
        field('name', $.string),
        w('{'),
        optional($.as_of),
        repeat($.person),
        repeat($.expect),
        w('}'),
      ),
    expect: ($) => seq(w('expect'), $._expression),
    person: ($) => seq(field('entity', $.name), field('name', $.name), w('{'), optional(list($.fact)), w('}')),
    _value: ($) => choice($._literal, $.name),
    fact: ($) =>
      choice(
        seq(field('name', $.name), w('='), $._value),
        seq(
          optional(w('excludes')),
          field('rows', $.name),
          choice(seq(w('in'), $._literal, optional($.facts)), $.facts),
        ),
      ),
    facts: ($) => seq(w('('), list(seq(field('name', $.name), w('='), $._value)), w(')')),

    // Models.
    model: ($) => seq(w('model'), field('name', $.name), w('version'), $.integer),
    entity: ($) =>
      seq(
        w('entity'),
        field('name', $.name),
        optional(seq(w('('), field('plural', $.name), w(')'))),
        phrase('from', 'table'),
        field('table', $.path),
        w('key'),
        list($.name),
        optional($.linkage),
        repeat($.trait),
        w('{'),
        repeat(choice($.field, $.relation)),
        w('}'),
      ),
    linkage: ($) =>
      seq(
        w('linkage'),
        choice(
          w('public'),
          w('subject'),
          seq(w('of'), choice(w('subject'), w('subjects')), w('via'), list($.path)),
          phrase('aggregate', 'of', 'subjects'),
        ),
      ),
    trait: ($) =>
      choice(
        seq(phrase('coded', 'by'), $.name),
        seq(phrase('dated', 'by'), $.name, optional(seq(w('..'), $.name))),
        phrase('undated', 'outside'),
        seq(phrase('assessed', 'when'), $._expression),
        seq(w('born'), $.name, optional(seq(w('or'), $.name))),
        seq(w('died'), $.name),
        seq(phrase('observed', 'by'), $.name),
        seq(
          w('converts'),
          list($.code),
          w('from'),
          $._measure,
          w('to'),
          $._measure,
          w('times'),
          $._figure,
          optional(seq(w('+'), $._figure)),
          w('source'),
          $.string,
          w('example'),
          $._figure,
          w('is'),
          $._figure,
        ),
      ),
    _measure: ($) => choice($.ucum, w('%')),
    _figure: ($) => seq(optional(w('-')), choice($.integer, $.decimal)),
    field: ($) =>
      choice(
        seq(
          field('name', $.name),
          w(':'),
          field('type', $.name),
          optional(w('?')),
          repeat(seq(choice(w('|'), w('<')), field('type', $.name))),
          optional(seq(w('unit'), choice($.ucum, seq(w('from'), $.name)))),
          optional($.label),
        ),
        seq(field('name', $.name), w(':'), $.name, w('..'), $.name),
      ),
    label: () => choice(...['identifier', 'quasi', 'sensitive', 'general', 'public'].map(w)),
    relation: ($) =>
      seq(
        choice(w('one'), w('many')),
        field('name', $.name),
        w(':'),
        field('target', $.name),
        optional(w('?')),
        w('by'),
        list($.name),
      ),

    // Policies.
    agreement: ($) =>
      seq(w('agreement'), field('name', $.string), w('version'), $.integer, w('{'), repeat($.line), w('}')),
    line: ($) =>
      choice(
        seq(w('recipient'), $.string),
        seq(w('purpose'), $.purpose),
        seq(w('valid'), $.date, optional(seq(w('until'), $.date))),
        seq(phrase('may', 'test'), list($.grant)),
        seq(phrase('may', 'show'), list($._expression)),
        seq(w('level'), $.name),
        seq(w('release'), w('{'), list($.release_rule), w('}')),
        seq(w('formats'), list($.name)),
      ),
    grant: ($) =>
      seq(
        field('entity', choice($.name, alias(w('consent'), $.name))),
        optional(seq(w('('), list($.name), w(')'))),
      ),
    release_rule: ($) =>
      seq(
        optional(w('frequency')),
        repeat1($.name),
        optional(seq($._literal, optional(seq(w('('), list($._literal), w(')'))))),
      ),
    purpose: ($) =>
      seq(
        field('name', $.name),
        optional(seq(w('['), list($.code), w(']'))),
        optional(seq(w('with'), list($.name))),
        repeat(seq(optional(w('in')), $._place, $.string)),
      ),
    _place: () => choice(...['party', 'institution', 'project', 'region'].map(w)),
    purpose_item: ($) => seq(w('purpose'), field('name', $.name), w('='), $.purpose),
    majority: ($) => seq(phrase('majority', 'age'), $.integer, w('otherwise'), field('effect', $.name)),
    death: ($) => seq(w('death'), field('effect', $.name)),
  },
});
