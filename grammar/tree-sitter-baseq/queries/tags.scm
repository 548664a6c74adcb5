; What an index of a project lists.
(cohort name: (name) @name) @definition.type
(table name: (name) @name) @definition.type
(codes name: (name) @name) @definition.constant
(define name: (name) @name) @definition.function
(param (formal name: (name) @name)) @definition.constant
(entity name: (name) @name) @definition.class
(agreement name: (string) @name) @definition.interface
(purpose_item name: (name) @name) @definition.constant
(test name: (string) @name) @definition.test

(cohort source: (path (name) @name)) @reference.type
(table source: (path (name) @name)) @reference.type
(attrition cohort: (path (name) @name)) @reference.type
(call function: (name) @name) @reference.call
((reference) @name) @reference.type
