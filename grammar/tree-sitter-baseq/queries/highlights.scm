; Colours. Later patterns win where two match the same node.

(name) @variable
(reference) @variable
(path (name) @variable)

(comment) @comment
(doc_comment) @comment.documentation

; Literals.
(string) @string
(escape) @string.escape
(ucum) @string.special
(integer) @number
(decimal) @number.float
(unit) @keyword.modifier
(date) @number
(boolean) @boolean
(code_name) @constant
(hgvs) @constant
(locus) @constant
(rs_id) @constant
(index_date) @variable.builtin

; What is declared.
(cohort name: (name) @type.definition)
(table name: (name) @type.definition)
(codes name: (name) @constant)
(define name: (name) @function)
(define entity: (name) @type)
(formal name: (name) @variable.parameter)
(type (name) @type)
(let name: (name) @variable)
(where name: (name) @label)
(for_each name: (name) @variable)
(frequency name: (name) @variable)
(column name: (name) @property)
(agreement name: (string) @string)
(purpose_item name: (name) @constant)
(entity name: (name) @type)
(entity plural: (name) @type)
(field name: (name) @property)
(field type: (name) @type)
(relation name: (name) @property)
(relation target: (name) @type)
(person entity: (name) @type)
(person name: (name) @variable)
(fact name: (name) @property)
(fact rows: (name) @type)
(facts name: (name) @property)

; What is used.
(cohort source: (path (name) @type))
(table source: (path (name) @type))
(member member: (name) @property)
(call function: (name) @function.call)
(member member: (call function: (name) @function.method.call))
(argument name: (name) @variable.parameter)

; Words.
[
  "import" "use" "as" "param" "codes" "define" "cohort" "table" "attrition" "describe" "compare" "test" "expect"
  "agreement" "model" "version" "entity" "key" "linkage" "coded" "dated" "assessed" "undated" "outside" "converts"
  "times" "source" "example" "born" "died" "subject" "subjects" "via" "aggregate" "one" "many" "unit"
  "recipient" "purpose" "until" "may" "level" "release" "formats" "party" "institution" "project" "region"
  "majority" "age" "death"
] @keyword

[
  "from" "where" "let" "index" "exit" "match" "draw" "for" "group" "frequency" "show" "order" "limit" "each" "by"
  "with" "among" "to" "seed" "totals" "descending" "of" "at" "consent" "valid"
] @keyword

[
  "and" "or" "not" "has" "no" "excludes" "exactly" "least" "most" "observed" "in" "is" "known" "only" "excluding"
  "counting" "absent" "zero" "unknown" "before" "after" "on" "within" "during" "different" "days" "other"
] @keyword.operator

["if" "case" "when" "then" "otherwise"] @keyword.conditional

(label ["identifier" "quasi" "sensitive" "general" "public"] @attribute)
(linkage "public" @attribute)

["=" "!=" "<" "<=" ">" ">=" "+" "-" "*" "/" ".." "|" "?" "%"] @operator
["(" ")" "[" "]" "{" "}"] @punctuation.bracket
["," "." ":"] @punctuation.delimiter

; A word of the language that stands as a name here is one.
(name ["different" "identifier" "quasi" "sensitive" "general" "public" "unit" "one" "many"] @variable)
(grant entity: (name) @type)
(reference ["different" "identifier" "quasi" "sensitive" "general" "public" "unit" "one" "many"] @variable)
