; What folds to its first line.
[
  (cohort)
  (table)
  (define)
  (codes)
  (test)
  (entity)
  (agreement)
  (case)
  (list)
  (nested)
] @fold
