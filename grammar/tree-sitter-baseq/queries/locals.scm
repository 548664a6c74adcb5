; Names and how far they are known: those of an item within it, those of the file everywhere.
(source_file) @local.scope
(cohort) @local.scope
(table) @local.scope
(define) @local.scope

(cohort name: (name) @local.definition.type)
(table name: (name) @local.definition.type)
(codes name: (name) @local.definition.constant)
(define name: (name) @local.definition.function)
(param (formal name: (name) @local.definition.parameter))
(formals (formal name: (name) @local.definition.parameter))
(let name: (name) @local.definition.var)
(where name: (name) @local.definition.var)
(for_each name: (name) @local.definition.var)
(frequency name: (name) @local.definition.var)
(import name: (name) @local.definition.import)

(reference) @local.reference
(path (name) @local.reference)
(call function: (name) @local.reference)
