WITH RECURSIVE
-- 3.2.1: what was recorded by T. `own` is the sample that an event is about, or nothing.
kept AS (
  SELECT
    e.event_id AS event_id, e.subject_id AS subject_id, coalesce(e.sample_id, '') AS own, e.kind AS kind,
    e.actor AS actor, e.effective_from AS effective_from, e.effective_until AS effective_until,
    e.recorded_at AS recorded_at, e.withdrawal_level AS withdrawal_level, e.supersedes AS supersedes
  FROM consent_event AS e
  WHERE e.recorded_at <= {known_at}
),
-- 3.4: everybody, and every sample with events of its own, on the days D and U.
asked AS ({asked}),
-- 3.2.1: voids from the newest to the oldest.
void AS (
  SELECT
    e.event_id AS event_id, e.subject_id AS subject_id, e.own AS own, e.supersedes AS supersedes,
    row_number() OVER (
      PARTITION BY e.subject_id, e.own ORDER BY e.recorded_at DESC NULLS LAST, e.event_id DESC NULLS LAST
    ) AS nth
  FROM kept AS e
  WHERE e.kind = 'void'
),
-- A void acts unless a newer one that acts has struck it; what it strikes is carried along.
voided AS (
  SELECT
    v.subject_id AS subject_id, v.own AS own, v.nth AS nth,
    list_extract(list_transform(
      [{'list': CAST([] AS VARCHAR[]), 'text': v.supersedes}],
      lambda r : CASE WHEN r.list IS NOT NULL AND r.text IS NOT NULL THEN list_append(r.list, r.text) ELSE r.list END
    ), 1) AS dropped
  FROM void AS v
  WHERE v.nth = 1
  UNION ALL
  SELECT
    v.subject_id AS subject_id, v.own AS own, v.nth AS nth,
    CASE
      WHEN list_contains(newer.dropped, v.event_id) THEN newer.dropped
      ELSE CASE WHEN newer.dropped IS NOT NULL AND v.supersedes IS NOT NULL
        THEN list_append(newer.dropped, v.supersedes) ELSE newer.dropped END
    END AS dropped
  FROM voided AS newer
  JOIN void AS v ON v.subject_id = newer.subject_id AND v.own = newer.own
    AND v.nth = TRY_CAST(CAST(newer.nth AS HUGEINT) + 1 AS BIGINT)
),
-- Within one subject and one sample: a void that names another's event strikes nothing.
struck AS (
  SELECT DISTINCT e.event_id AS event_id
  FROM kept AS e
  JOIN voided AS v ON v.subject_id = e.subject_id AND v.own = e.own AND list_contains(v.dropped, e.event_id)
),
unclear AS (
  SELECT DISTINCT e.subject_id AS subject_id, e.own AS own
  FROM kept AS e
  WHERE e.kind = 'void' AND e.supersedes IS NULL
),
live AS (
  SELECT
    e.event_id AS event_id, e.subject_id AS subject_id, e.own AS own, e.kind AS kind, e.actor AS actor,
    e.withdrawal_level AS withdrawal_level, e.effective_from AS effective_from,
    e.effective_until AS effective_until, e.recorded_at AS recorded_at
  FROM kept AS e
  WHERE e.kind <> 'void'
    AND NOT coalesce(e.event_id IN (SELECT struck.event_id FROM struck), FALSE)
    AND NOT coalesce((e.subject_id, e.own) IN (SELECT unclear.subject_id, unclear.own FROM unclear), FALSE)
),
-- 3.2.2: what is effective by the day, in its order.
in_force AS (
  SELECT
    q.subject_id AS subject_id, q.own AS own, q.at AS at, e.event_id AS event_id, e.kind AS kind, e.actor AS actor,
    e.withdrawal_level AS withdrawal_level, e.effective_from AS effective_from,
    e.effective_until AS effective_until,
    row_number() OVER (
      PARTITION BY q.subject_id, q.own, q.at
      ORDER BY
        e.effective_from ASC NULLS LAST,
        e.recorded_at ASC NULLS LAST,
        CAST(CASE WHEN e.kind = 'grant' THEN 0 WHEN e.kind = 'renew' THEN 1 WHEN e.kind = 'amend' THEN 2
          WHEN e.kind = 'resume' THEN 3 WHEN e.kind = 'suspend' THEN 4 WHEN e.kind = 'withdraw' THEN 5
          ELSE 9 END AS BIGINT) ASC NULLS LAST,
        e.event_id ASC NULLS LAST
    ) AS nth
  FROM asked AS q
  JOIN live AS e ON e.subject_id = q.subject_id AND e.own = q.own AND e.effective_from <= q.at
),
-- 3.2.3: the newest grant, renew or amend replaces what was before it.
last_give AS (
  SELECT e.subject_id AS subject_id, e.own AS own, e.at AS at, max(e.nth) AS nth
  FROM in_force AS e
  WHERE e.kind IN ('grant', 'renew', 'amend')
  GROUP BY e.subject_id, e.own, e.at
),
folded AS (
  SELECT
    e.subject_id AS subject_id, e.own AS own, e.at AS at,
    min(e.event_id) FILTER (WHERE e.nth = g.nth) AS event_id,
    min(e.actor) FILTER (WHERE e.nth = g.nth) AS actor,
    min(e.effective_from) FILTER (WHERE e.nth = g.nth) AS given_from,
    min(e.effective_until) FILTER (WHERE e.nth = g.nth) AS given_until,
    count(*) FILTER (WHERE e.nth > g.nth AND e.kind = 'withdraw'
      AND coalesce(e.withdrawal_level, 'use') = 'use') > 0 AS withdrawn,
    max(e.nth) FILTER (WHERE e.nth > g.nth AND e.kind = 'suspend') AS suspended_at,
    max(e.nth) FILTER (WHERE e.nth > g.nth AND e.kind = 'resume') AS resumed_at,
    min(e.effective_from) FILTER (WHERE e.nth > g.nth AND e.kind = 'withdraw'
      AND coalesce(e.withdrawal_level, 'use') = 'access') AS cut_off,
    count(*) FILTER (WHERE e.nth > g.nth AND e.kind = 'withdraw'
      AND coalesce(e.withdrawal_level, 'use') = 'contact') > 0 AS no_contact
  FROM in_force AS e
  JOIN last_give AS g ON g.subject_id = e.subject_id AND g.own = e.own AND g.at = e.at
  GROUP BY e.subject_id, e.own, e.at
),
-- 3.2.4 to 3.2.6.
state AS (
  SELECT
    f.subject_id AS subject_id, f.own AS own, f.at AS at, f.event_id AS event_id, f.cut_off AS cut_off,
    f.no_contact AS no_contact
  FROM folded AS f
  JOIN {people} AS s ON s.{person} = f.subject_id
  WHERE NOT f.withdrawn
    AND NOT ((f.suspended_at IS NOT NULL AND (f.resumed_at IS NULL OR f.resumed_at < f.suspended_at)) IS TRUE)
    AND (f.given_until IS NULL OR f.at < f.given_until)
    {majority}
    {death}
),
-- 3.3.
scope_row AS (
  SELECT DISTINCT
    c.branch AS branch, c.polarity AS polarity, c.term AS term, c.disease AS disease, c.region AS region,
    c.party AS party, c.project AS project, h.event_id AS event_id, h.at AS at, c.until_date AS until_date
  FROM state AS h
  JOIN consent_scope AS c ON c.event_id = h.event_id
),
known_disease AS (
  SELECT t.id AS id FROM ontology_term AS t WHERE t.system = 'DOID' AND NOT t.obsolete
),
branch AS (
  SELECT c.event_id AS event_id, c.at AS at, c.branch AS branch, least({tests}) AS answer
  FROM scope_row AS c
  WHERE c.polarity = 'permit'
  GROUP BY c.event_id, c.at, c.branch
),
denied AS (
  SELECT c.event_id AS event_id, c.at AS at, max(CAST({excluded} AS BIGINT)) AS excluded
  FROM scope_row AS c
  WHERE c.polarity = 'deny'
  GROUP BY c.event_id, c.at
),
best AS (
  SELECT b.event_id AS event_id, b.at AS at, max(b.answer) AS answer
  FROM branch AS b
  GROUP BY b.event_id, b.at
),
scope AS (
  SELECT
    b.event_id AS event_id, b.at AS at,
    CASE WHEN d.excluded = 2 THEN 0 WHEN b.answer = 2 AND d.excluded = 1 THEN 1 ELSE b.answer END AS answer
  FROM best AS b
  LEFT JOIN denied AS d ON d.event_id = b.event_id AND d.at = b.at
),
answer AS (
  SELECT
    q.subject_id AS subject_id, q.own AS own, q.at AS at,
    CASE WHEN h.event_id IS NULL THEN 0 WHEN {marked} THEN 0 ELSE coalesce(c.answer, 0) END AS answer,
    h.cut_off AS cut_off
  FROM asked AS q
  LEFT JOIN state AS h ON h.subject_id = q.subject_id AND h.own = q.own AND h.at = q.at
  LEFT JOIN scope AS c ON c.event_id = h.event_id AND c.at = h.at
),
-- 3.4: where a query narrows the agreement's purpose, both must be covered.
both AS (
  SELECT a.subject_id AS subject_id, a.own AS own, a.at AS at, a.answer AS answer, a.cut_off AS cut_off
  FROM answer AS a
  UNION ALL
  SELECT a.subject_id AS subject_id, a.own AS own, a.at AS at, a.answer AS answer, a.cut_off AS cut_off
  FROM answer AS a
),
decision AS (
  SELECT a.subject_id AS subject_id, a.own AS own, min(a.answer) AS answer, min(a.cut_off) AS cut_off
  FROM {answers} AS a
  GROUP BY a.subject_id, a.own
),
permitted AS (
  SELECT d.subject_id AS subject_id, d.cut_off AS cut_off
  FROM decision AS d
  WHERE d.own = '' AND d.answer = 2
),
permitted_sample AS (
  SELECT s.sample_id AS sample_id, least(p.cut_off, d.cut_off) AS cut_off
  FROM sample AS s
  JOIN permitted AS p ON s.subject_id = p.subject_id
  LEFT JOIN decision AS d ON d.subject_id = s.subject_id AND d.own = s.sample_id
  WHERE d.own IS NULL OR d.answer = 2
)
SELECT permitted.subject_id FROM permitted
