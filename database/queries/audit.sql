-- What an audit reads: timelines as they are stored, what the cases and the closure records say of them.

-- references --
-- The next references in order, of cases and of timelines without one: from each to the next by the primary keys.
WITH RECURSIVE walk (reference, number) AS (
    SELECT
        least(
            (SELECT min(c.reference) FROM complaints AS c WHERE c.reference > %(after)s::text),
            (SELECT min(t.reference) FROM timeline AS t WHERE t.reference > %(after)s::text)
        ),
        1
    UNION ALL
    SELECT
        least(
            (SELECT min(c.reference) FROM complaints AS c WHERE c.reference > walk.reference),
            (SELECT min(t.reference) FROM timeline AS t WHERE t.reference > walk.reference)
        ),
        walk.number + 1
    FROM walk
    WHERE walk.reference IS NOT NULL AND walk.number < %(limit)s::integer
)
SELECT reference FROM walk WHERE reference IS NOT NULL ORDER BY number

-- cases --
SELECT reference, through, status IN ('closed', 'archived') AS ended, imported
FROM complaints
WHERE reference = ANY (%(references)s::text[])

-- entries --
SELECT
    reference, sequence, at, acted_at, kind, actor_id, actor_role, detail::text AS detail, words, salt, digest,
    previous, hash
FROM timeline
WHERE reference = ANY (%(references)s::text[])
ORDER BY reference, sequence

-- closures --
SELECT reference, number, record ->> 'chain_head' AS head, record::text AS record
FROM closure_records
WHERE reference = ANY (%(references)s::text[])
ORDER BY reference, number

-- count --
SELECT count(*) FROM complaints WHERE reference > %(after)s::text
