-- Holding the read model against the workflows: what there is of a case, which cases there are, what is set aside.

-- parts --
-- How many rows each table has of a case, and a digest of them; when they were written is left out.
SELECT 'complaints' AS name, count(*) AS rows, md5(string_agg((to_jsonb(c) - 'recorded_at')::text, ',')) AS digest
FROM complaints AS c WHERE c.reference = %(reference)s::text
UNION ALL
SELECT 'timeline', count(*), md5(string_agg(t::text, ',' ORDER BY t.sequence))
FROM timeline AS t WHERE t.reference = %(reference)s::text
UNION ALL
SELECT 'clocks', count(*), md5(string_agg(c::text, ',' ORDER BY c.metric, c.occurrence))
FROM clocks AS c WHERE c.reference = %(reference)s::text
UNION ALL
SELECT 'actions', count(*), md5(string_agg(a::text, ',' ORDER BY a.number))
FROM actions AS a WHERE a.reference = %(reference)s::text
UNION ALL
SELECT 'root_causes', count(*), md5(string_agg(r::text, ',' ORDER BY r.sequence))
FROM root_causes AS r WHERE r.reference = %(reference)s::text
UNION ALL
SELECT 'evaluations', count(*), md5(string_agg(e::text, ',' ORDER BY e.sequence))
FROM evaluations AS e WHERE e.reference = %(reference)s::text
UNION ALL
SELECT 'reviews', count(*), md5(string_agg(r::text, ',' ORDER BY r.number))
FROM reviews AS r WHERE r.reference = %(reference)s::text
UNION ALL
SELECT 'evaluation_answers', count(*), md5(string_agg(a::text, ',' ORDER BY a.sequence))
FROM evaluation_answers AS a WHERE a.reference = %(reference)s::text
UNION ALL
SELECT 'case_scores', count(*), md5(string_agg(s::text, ',' ORDER BY s.number))
FROM case_scores AS s WHERE s.reference = %(reference)s::text
UNION ALL
SELECT 'answers', count(*), md5(string_agg(a::text, ',' ORDER BY a.sequence))
FROM answers AS a WHERE a.reference = %(reference)s::text
UNION ALL
SELECT 'surveys', count(*), md5(string_agg(s::text, ',' ORDER BY s.closing))
FROM surveys AS s WHERE s.reference = %(reference)s::text
UNION ALL
SELECT 'closure_records', count(*), md5(string_agg((to_jsonb(r) - 'stored_at')::text, ',' ORDER BY r.number))
FROM closure_records AS r WHERE r.reference = %(reference)s::text
UNION ALL
SELECT 'archived_cases', count(*), md5(string_agg(a::text, ','))
FROM archived_cases AS a WHERE a.reference = %(reference)s::text
UNION ALL
SELECT 'notices', count(*), md5(string_agg(n::text, ',' ORDER BY n.key))
FROM notices AS n WHERE n.reference = %(reference)s::text
UNION ALL
SELECT 'escalations', count(*), md5(string_agg(e::text, ',' ORDER BY e.key))
FROM escalations AS e WHERE e.reference = %(reference)s::text
UNION ALL
SELECT 'intakes', count(*), md5(string_agg(i::text, ','))
FROM intakes AS i WHERE i.reference = %(reference)s::text

-- hashes --
SELECT sequence, hash FROM timeline WHERE reference = %(reference)s::text

-- expected --
-- Cases that must have a workflow: neither archived nor imported. In pages by reference.
SELECT reference FROM complaints
WHERE NOT imported AND status <> 'archived' AND reference > %(after)s::text
ORDER BY reference
LIMIT %(limit)s::integer

-- unfiled --
-- References that were taken and of which nothing was ever recorded.
SELECT reference FROM intakes
WHERE
    reference > %(after)s::text
    AND NOT EXISTS (SELECT FROM complaints WHERE complaints.reference = intakes.reference)
ORDER BY reference
LIMIT %(limit)s::integer

-- sent_since --
-- Notices to the complainant that speak of entries which are set aside.
SELECT key FROM notices
WHERE
    reference = %(reference)s::text AND audience = 'complainant' AND state = 'sent'
    AND written_at >= (
        SELECT min(acted_at) FROM timeline WHERE timeline.reference = %(reference)s::text AND sequence > %(after)s::integer
    )
ORDER BY written_at, key

-- set_aside_entries --
WITH gone AS (
    DELETE FROM timeline WHERE reference = %(reference)s::text AND sequence > %(after)s::integer RETURNING *
)
INSERT INTO set_aside (reference, at, part, content)
SELECT reference, %(at)s::timestamptz, 'timeline', row_to_json(gone) FROM gone ORDER BY sequence

-- set_aside_root_causes --
WITH gone AS (
    DELETE FROM root_causes WHERE reference = %(reference)s::text AND sequence > %(after)s::integer RETURNING *
)
INSERT INTO set_aside (reference, at, part, content)
SELECT reference, %(at)s::timestamptz, 'root_causes', row_to_json(gone) FROM gone

-- set_aside_evaluations --
WITH gone AS (
    DELETE FROM evaluations WHERE reference = %(reference)s::text AND sequence > %(after)s::integer RETURNING *
)
INSERT INTO set_aside (reference, at, part, content)
SELECT reference, %(at)s::timestamptz, 'evaluations', row_to_json(gone) FROM gone

-- set_aside_reviews --
WITH gone AS (
    DELETE FROM reviews WHERE reference = %(reference)s::text AND sequence > %(after)s::integer RETURNING *
)
INSERT INTO set_aside (reference, at, part, content)
SELECT reference, %(at)s::timestamptz, 'reviews', row_to_json(gone) FROM gone

-- unreview --
-- A review whose evaluation was set aside waits again.
UPDATE reviews SET done = NULL, done_at = NULL
WHERE reference = %(reference)s::text AND done > %(after)s::integer

-- set_aside_evaluation_answers --
WITH gone AS (
    DELETE FROM evaluation_answers WHERE reference = %(reference)s::text AND sequence > %(after)s::integer RETURNING *
)
INSERT INTO set_aside (reference, at, part, content)
SELECT reference, %(at)s::timestamptz, 'evaluation_answers', row_to_json(gone) FROM gone

-- set_aside_answers --
WITH gone AS (
    DELETE FROM answers WHERE reference = %(reference)s::text AND sequence > %(after)s::integer RETURNING *
)
INSERT INTO set_aside (reference, at, part, content)
SELECT reference, %(at)s::timestamptz, 'answers', row_to_json(gone) FROM gone

-- set_aside_surveys --
WITH gone AS (
    DELETE FROM surveys WHERE reference = %(reference)s::text AND sequence > %(after)s::integer RETURNING *
)
INSERT INTO set_aside (reference, at, part, content)
SELECT reference, %(at)s::timestamptz, 'surveys', row_to_json(gone) FROM gone

-- set_aside_closure_records --
-- Those of closings that the timeline does not hold any more. They go in a statement of their own: the database refuses
-- to lose one that it does not find among what was set aside.
INSERT INTO set_aside (reference, at, part, content)
SELECT reference, %(at)s::timestamptz, 'closure_records', row_to_json(closure_records) FROM closure_records
WHERE reference = %(reference)s::text AND number NOT IN (
    SELECT (detail ->> 'number')::integer FROM timeline
    WHERE reference = %(reference)s::text AND kind = 'closure_recorded' AND detail IS NOT NULL
)

-- drop_closure_records --
DELETE FROM closure_records
WHERE reference = %(reference)s::text AND number IN (
    SELECT (content ->> 'number')::integer FROM set_aside
    WHERE reference = %(reference)s::text AND at = %(at)s::timestamptz AND part = 'closure_records'
)

-- set_aside_case_scores --
WITH gone AS (
    DELETE FROM case_scores WHERE reference = %(reference)s::text AND number NOT IN (
        SELECT number FROM closure_records WHERE reference = %(reference)s::text
    )
    RETURNING *
)
INSERT INTO set_aside (reference, at, part, content)
SELECT reference, %(at)s::timestamptz, 'case_scores', row_to_json(gone) FROM gone

-- set_aside_archived --
WITH gone AS (
    DELETE FROM archived_cases WHERE reference = %(reference)s::text AND NOT EXISTS (
        SELECT FROM timeline WHERE reference = %(reference)s::text AND kind = 'archived'
    )
    RETURNING *
)
INSERT INTO set_aside (reference, at, part, content)
SELECT reference, %(at)s::timestamptz, 'archived_cases', row_to_json(gone) FROM gone

-- set_aside_clocks --
WITH gone AS (
    DELETE FROM clocks WHERE reference = %(reference)s::text AND through > %(after)s::integer RETURNING *
)
INSERT INTO set_aside (reference, at, part, content)
SELECT reference, %(at)s::timestamptz, 'clocks', row_to_json(gone) FROM gone

-- set_aside_actions --
WITH gone AS (
    DELETE FROM actions WHERE reference = %(reference)s::text AND through > %(after)s::integer RETURNING *
)
INSERT INTO set_aside (reference, at, part, content)
SELECT reference, %(at)s::timestamptz, 'actions', row_to_json(gone) FROM gone

-- set_aside_complaint --
INSERT INTO set_aside (reference, at, part, content)
SELECT reference, %(at)s::timestamptz, 'complaints', row_to_json(complaints) FROM complaints
WHERE reference = %(reference)s::text AND through > %(after)s::integer

-- give_way --
-- What is recorded next, from the workflow, is written over the standing.
UPDATE complaints SET
    through = least(through, %(after)s::integer),
    contact_through = CASE WHEN contact_through > %(after)s::integer THEN 0 ELSE contact_through END
WHERE reference = %(reference)s::text
