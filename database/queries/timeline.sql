-- The timeline: entries never change; the same (reference, sequence) is the same entry.

-- append --
INSERT INTO timeline (
    reference, sequence, at, acted_at, kind, actor_id, actor_role, detail, words, salt, digest, previous, hash
) VALUES (
    %(reference)s::text, %(sequence)s::integer, %(at)s::timestamptz, %(acted_at)s::timestamptz, %(kind)s::text,
    %(actor_id)s::text, %(actor_role)s::text, %(detail)s::json, %(words)s::text, %(salt)s::text, %(digest)s::text,
    %(previous)s::text, %(hash)s::text
)
ON CONFLICT (reference, sequence) DO NOTHING

-- hashes --
-- What is stored of these sequences, to tell a repeated entry from another one in its place.
SELECT sequence, hash FROM timeline
WHERE reference = %(reference)s::text AND sequence = ANY (%(sequences)s::integer[])

-- fetch --
SELECT sequence, at, acted_at, kind, actor_id, actor_role, detail, words, salt, digest, previous, hash
FROM timeline
WHERE reference = %(reference)s::text AND sequence > %(after)s::integer
ORDER BY sequence
LIMIT %(limit)s::integer

-- add_root_cause --
INSERT INTO root_causes (
    reference, sequence, at, actor_id, method, category, cause, whys, fishbone_class, evidence, corrective_action,
    effective, actions, weak_ends
) VALUES (
    %(reference)s::text, %(sequence)s::integer, %(at)s::timestamptz, %(actor_id)s::text, %(method)s::text,
    %(category)s::text, %(cause)s::text, %(whys)s::jsonb, %(fishbone_class)s::text, %(evidence)s::text,
    %(corrective_action)s::text, %(effective)s::boolean, %(actions)s::integer[], %(weak_ends)s::jsonb
)
ON CONFLICT (reference, sequence) DO NOTHING

-- add_evaluation --
INSERT INTO evaluations (
    reference, sequence, at, actor_id, speed, solution, communication, note, coaching, number
)
VALUES (
    %(reference)s::text, %(sequence)s::integer, %(at)s::timestamptz, %(actor_id)s::text, %(speed)s::integer,
    %(solution)s::integer, %(communication)s::integer, %(note)s::text, %(coaching)s::text, %(number)s::integer
)
ON CONFLICT (reference, sequence) DO NOTHING

-- add_answer --
INSERT INTO answers (reference, sequence, at, satisfied, applied, decision, rating, words)
VALUES (
    %(reference)s::text, %(sequence)s::integer, %(at)s::timestamptz, %(satisfied)s::boolean, %(applied)s::boolean,
    %(decision)s::integer, %(rating)s::integer, %(words)s::text
)
ON CONFLICT (reference, sequence) DO NOTHING

-- root_causes --
SELECT
    reference, sequence, at, actor_id, method, category, cause, whys, fishbone_class, evidence, corrective_action,
    effective, actions, weak_ends
FROM root_causes
WHERE reference = %(reference)s::text
ORDER BY sequence

-- evaluations --
SELECT reference, sequence, at, actor_id, speed, solution, communication, note, coaching, number
FROM evaluations
WHERE reference = %(reference)s::text
ORDER BY sequence

-- answers --
SELECT reference, sequence, at, satisfied, applied, decision, rating, words
FROM answers
WHERE reference = %(reference)s::text
ORDER BY sequence
