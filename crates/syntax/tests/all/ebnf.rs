//! A second opinion: reads an EBNF text and recognises token kinds with it, after Earley.
//!
//! It shares nothing with the parser but the token kinds. It is slow and obvious: every production is
//! kept as symbols, every repetition becomes a rule of its own, and the number of derivations is
//! counted afterwards (two stand for any larger number).

use std::collections::{BTreeMap, BTreeSet};

use syntax::{KEYWORDS, Kind};

/// A symbol of a production.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Symbol {
    /// A rule, by number.
    Rule(usize),
    /// Any of these kinds.
    Kinds(BTreeSet<Kind>),
}

/// A grammar: alternatives of every rule.
pub(crate) struct Ebnf {
    rules: Vec<Vec<Vec<Symbol>>>,
    numbers: BTreeMap<String, usize>,
    /// The text of every production, words separated by one space.
    pub(crate) productions: BTreeMap<String, String>,
}

/// The words of an EBNF text: names, quoted words, signs. Comments are dropped.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("(*") {
            rest = rest.split_once("*)").expect("a comment is closed").1.trim_start();
            continue;
        } else if first == '"' {
            rest[1..].find('"').expect("a word is closed") + 2
        } else if first.is_alphanumeric() {
            rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len())
        } else {
            1
        };
        words.push(rest[..length].to_owned());
        rest = rest[length..].trim_start();
    }
    words
}

impl Ebnf {
    /// Reads a grammar. A production begins at a name and `=`.
    pub(crate) fn read(text: &str) -> Ebnf {
        let words = words(text);
        let is_name = |at: usize| words.get(at).is_some_and(|word| word.starts_with(char::is_alphabetic));
        let starts: Vec<usize> = (0..words.len())
            .filter(|at| is_name(*at) && words.get(at + 1).is_some_and(|next| next == "="))
            .collect();
        let mut ebnf = Ebnf { rules: Vec::new(), numbers: BTreeMap::new(), productions: BTreeMap::new() };
        for start in &starts {
            ebnf.numbers.insert(words[*start].clone(), ebnf.rules.len());
            ebnf.rules.push(Vec::new());
        }
        assert_eq!(ebnf.rules.len(), ebnf.numbers.len(), "every rule is defined once");
        for (number, start) in starts.iter().enumerate() {
            let end = starts.get(number + 1).copied().unwrap_or(words.len());
            let mut body = words[start + 2..end].iter().map(String::as_str).peekable();
            let alternatives = ebnf.alternatives(&mut body);
            assert_eq!(body.next(), None, "{}", words[*start]);
            ebnf.rules[number] = alternatives;
            ebnf.productions.insert(words[*start].clone(), words[start + 2..end].join(" "));
        }
        ebnf
    }

    fn alternatives<'w>(
        &mut self,
        words: &mut std::iter::Peekable<impl Iterator<Item = &'w str>>,
    ) -> Vec<Vec<Symbol>> {
        let mut alternatives = vec![Vec::new()];
        while let Some(word) = words.next_if(|word| !matches!(*word, ")" | "]" | "}")) {
            let symbol = match word {
                "|" => {
                    alternatives.push(Vec::new());
                    continue;
                }
                "(" | "[" | "{" => {
                    let mut inner = self.alternatives(words);
                    words.next();
                    let number = self.rules.len();
                    if word != "(" {
                        inner.retain(|alternative| !alternative.is_empty());
                    }
                    self.rules.push(Vec::new());
                    if word == "{" {
                        for alternative in &mut inner {
                            alternative.insert(0, Symbol::Rule(number));
                        }
                    }
                    if word != "(" {
                        inner.push(Vec::new());
                    }
                    self.rules[number] = inner;
                    Symbol::Rule(number)
                }
                terminal => match self.numbers.get(terminal) {
                    Some(number) => Symbol::Rule(*number),
                    None => Symbol::Kinds(kinds(terminal)),
                },
            };
            alternatives.last_mut().expect("there is one").push(symbol);
        }
        alternatives
    }

    /// In how many ways the tokens are a `File`: none, one, or 2 for more.
    pub(crate) fn ways(&self, tokens: &[Kind]) -> u8 {
        Earley { ebnf: self, tokens, sets: Vec::new() }.run()
    }
}

/// The kinds a terminal stands for.
fn kinds(terminal: &str) -> BTreeSet<Kind> {
    if let Some(spelling) = terminal.strip_prefix('"').and_then(|word| word.strip_suffix('"')) {
        let keyword = KEYWORDS.iter().find(|keyword| keyword.spelling == spelling);
        return BTreeSet::from([keyword.unwrap_or_else(|| panic!("`{spelling}` is in the table")).kind]);
    }
    let one = match terminal {
        "WORD" => {
            let words = KEYWORDS.iter().map(|keyword| keyword.kind).filter(|kind| kind.is_name());
            return words.chain([Kind::Word]).collect();
        }
        "QUOTED" => Kind::Quoted,
        "INT" => Kind::Int,
        "DECIMAL" => Kind::Decimal,
        "STRING" => Kind::Str,
        "UCUM" => Kind::Ucum,
        "DATE" => Kind::Date,
        "CODE" => Kind::Code,
        "HGVS" => Kind::Hgvs,
        "RSID" => Kind::Rs,
        "LOCUS" => Kind::Locus,
        other => panic!("{other} is neither a rule nor a terminal"),
    };
    BTreeSet::from([one])
}

/// A position in an alternative of a rule, begun at a token.
type Position = (usize, usize, usize, usize);

struct Earley<'e> {
    ebnf: &'e Ebnf,
    tokens: &'e [Kind],
    /// The positions reached before each token, as (rule, alternative, dot, start).
    sets: Vec<BTreeSet<Position>>,
}

impl Earley<'_> {
    fn run(mut self) -> u8 {
        let file = self.ebnf.numbers["File"];
        let mut next: Vec<Position> =
            (0..self.ebnf.rules[file].len()).map(|alternative| (file, alternative, 0, 0)).collect();
        for at in 0..=self.tokens.len() {
            self.sets.push(BTreeSet::new());
            next = self.close(at, next);
        }
        self.count(file, 0, self.tokens.len(), &mut BTreeMap::new())
    }

    /// Predicts and completes until nothing is new; gives the positions behind the next token.
    fn close(&mut self, at: usize, mut work: Vec<Position>) -> Vec<Position> {
        let mut scanned = Vec::new();
        // Rules that were completed without reading anything.
        let mut empty = BTreeSet::new();
        while let Some(position) = work.pop() {
            if !self.sets[at].insert(position) {
                continue;
            }
            let (rule, alternative, dot, start) = position;
            match self.ebnf.rules[rule][alternative].get(dot) {
                Some(Symbol::Kinds(kinds)) => {
                    if self.tokens.get(at).is_some_and(|token| kinds.contains(token)) {
                        scanned.push((rule, alternative, dot + 1, start));
                    }
                }
                Some(Symbol::Rule(inner)) => {
                    work.extend(
                        (0..self.ebnf.rules[*inner].len()).map(|alternative| (*inner, alternative, 0, at)),
                    );
                    if empty.contains(inner) {
                        work.push((rule, alternative, dot + 1, start));
                    }
                }
                None => {
                    if start == at {
                        empty.insert(rule);
                    }
                    let waiting = self.sets[start].iter().filter(|position| self.waits_for(**position, rule));
                    work.extend(
                        waiting.map(|(rule, alternative, dot, start)| (*rule, *alternative, dot + 1, *start)),
                    );
                }
            }
        }
        scanned
    }

    fn waits_for(&self, (rule, alternative, dot, _): Position, inner: usize) -> bool {
        self.ebnf.rules[rule][alternative].get(dot) == Some(&Symbol::Rule(inner))
    }

    /// The number of derivations of a rule over a stretch, at most 2.
    fn count(
        &self,
        rule: usize,
        start: usize,
        end: usize,
        known: &mut BTreeMap<(usize, usize, usize), u8>,
    ) -> u8 {
        if let Some(count) = known.get(&(rule, start, end)) {
            return *count;
        }
        // A derivation that goes through itself would be another one; there is none in a grammar we want.
        known.insert((rule, start, end), 0);
        let mut ways = 0;
        for (alternative, symbols) in self.ebnf.rules[rule].iter().enumerate() {
            if self.sets[end].contains(&(rule, alternative, symbols.len(), start)) {
                ways += self.count_symbols((rule, alternative, symbols.len(), start), end, known);
            }
        }
        known.insert((rule, start, end), ways.min(2));
        ways.min(2)
    }

    /// The number of derivations of the symbols before the dot over a stretch, at most 2.
    fn count_symbols(
        &self,
        (rule, alternative, dot, start): Position,
        end: usize,
        known: &mut BTreeMap<(usize, usize, usize), u8>,
    ) -> u8 {
        let Some(before) = dot.checked_sub(1) else { return u8::from(start == end) };
        let earlier = (rule, alternative, before, start);
        let mut ways: u8 = 0;
        match &self.ebnf.rules[rule][alternative][before] {
            Symbol::Kinds(kinds) => {
                let Some(last) = end.checked_sub(1) else { return 0 };
                if kinds.contains(&self.tokens[last]) && self.sets[last].contains(&earlier) {
                    ways += self.count_symbols(earlier, last, known);
                }
            }
            Symbol::Rule(inner) => {
                let begins: BTreeSet<usize> = (0..self.ebnf.rules[*inner].len())
                    .flat_map(|alternative| {
                        let length = self.ebnf.rules[*inner][alternative].len();
                        let from = (*inner, alternative, length, start);
                        let to = (*inner, alternative, length, end);
                        self.sets[end].range(from..=to).map(|position| position.3)
                    })
                    .collect();
                for begin in begins {
                    if self.sets[begin].contains(&earlier) && !self.is_hidden_name(rule, before, begin, end) {
                        let inner = self.count(*inner, begin, end, known);
                        if inner > 0 {
                            ways += inner * self.count_symbols(earlier, begin, known);
                        }
                    }
                    if ways > 1 {
                        return 2;
                    }
                }
            }
        }
        ways.min(2)
    }

    /// A column that begins with a name and `=` is named: its optional name is not left out.
    fn is_hidden_name(&self, rule: usize, symbol: usize, begin: usize, end: usize) -> bool {
        self.ebnf.numbers.get("Column") == Some(&rule)
            && symbol == 0
            && begin == end
            && self.tokens.get(begin).is_some_and(|kind| kind.is_name())
            && self.tokens.get(begin + 1) == Some(&Kind::Equal)
    }
}
