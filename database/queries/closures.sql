-- Closure records: immutable; a reopening adds a further one.

-- add --
INSERT INTO closure_records (reference, number, closed_at, reason, record)
VALUES (
    %(reference)s::text, %(number)s::integer, %(closed_at)s::timestamptz, %(reason)s::text, %(record)s::jsonb
)
ON CONFLICT (reference, number) DO NOTHING

-- fetch --
SELECT record FROM closure_records
WHERE reference = %(reference)s::text
ORDER BY number

-- stored --
-- As they are stored: read tolerantly, by whoever shows them.
SELECT number, record FROM closure_records
WHERE reference = %(reference)s::text
ORDER BY number

-- extent --
-- How far the timeline goes that a record rests on; null if its head is not there.
SELECT
    (SELECT max(h.sequence) FROM timeline AS h WHERE h.reference = %(reference)s::text AND h.hash = %(head)s::text)
        AS head,
    (SELECT max(t.sequence) FROM timeline AS t WHERE t.reference = %(reference)s::text) AS last

-- annex --
-- The first and the last entries up to there.
SELECT sequence, at, acted_at, kind, actor_id, actor_role, detail, words, salt, digest, previous, hash
FROM timeline
WHERE reference = %(reference)s::text AND sequence <= %(until)s::integer
    AND (sequence <= %(first)s::integer OR sequence > %(until)s::integer - %(last)s::integer)
ORDER BY sequence

-- erased --
-- Entries of which the detail was erased, with everybody's words.
SELECT sequence FROM timeline
WHERE reference = %(reference)s::text AND sequence <= %(until)s::integer AND detail IS NULL AND words IS NULL
