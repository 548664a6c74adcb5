; What is indented by one step below its first line.
[
  (cohort)
  (table)
  (test)
  (entity)
  (agreement)
  (case)
  (list)
  (group)
  (condition)
  (arguments)
  (nested)
  (person)
] @indent.begin

["}" "]" ")"] @indent.branch @indent.end

(comment) @indent.auto
