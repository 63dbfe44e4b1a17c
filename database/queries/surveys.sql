-- Surveys after closing: who may be asked, and what was answered.

-- people --
SELECT unnest(survey_people(%(company)s::text, %(email)s::text, %(phone)s::text)) AS person ORDER BY person

-- lock --
-- Two cases of one person that close in the same second: the second waits, and then sees that the first has asked.
SELECT pg_advisory_xact_lock(hashtextextended('survey ' || %(person)s::text, 0))::text

-- known --
SELECT person, asked_at, asked_key, stopped_at, stopped_in FROM surveyed WHERE person = ANY (%(people)s::text[])

-- ask --
INSERT INTO surveyed (person, asked_at, asked_key)
SELECT person, %(at)s::timestamptz, %(key)s::text FROM unnest(%(people)s::text[]) AS person
ON CONFLICT (person) DO UPDATE SET asked_at = excluded.asked_at, asked_key = excluded.asked_key
WHERE surveyed.asked_at IS NULL OR surveyed.asked_at < excluded.asked_at

-- take_back --
-- The notice will never reach them: nobody was asked.
UPDATE surveyed SET asked_at = NULL, asked_key = NULL WHERE asked_key = %(key)s::text

-- stop --
-- By the addresses on file. Whoever has said so before has said so since then.
INSERT INTO surveyed (person, stopped_at, stopped_in)
SELECT person, %(at)s::timestamptz, c.reference
FROM complaints AS c, unnest(survey_people(c.company, c.contact_email, c.contact_phone)) AS person
WHERE c.reference = %(reference)s::text
ORDER BY person
ON CONFLICT (person) DO UPDATE SET
    stopped_at = coalesce(surveyed.stopped_at, excluded.stopped_at),
    stopped_in = coalesce(surveyed.stopped_in, excluded.stopped_in)

-- stopped --
-- By the addresses on file, as `stop` notes it.
SELECT EXISTS (
    SELECT FROM complaints AS c
    CROSS JOIN LATERAL unnest(survey_people(c.company, c.contact_email, c.contact_phone)) AS one (person)
    JOIN surveyed AS s ON s.person = one.person
    WHERE c.reference = %(reference)s::text AND s.stopped_at IS NOT NULL
) AS stopped

-- forget --
DELETE FROM surveyed
WHERE person = ANY (survey_people(%(company)s::text, %(email)s::text, %(phone)s::text))

-- answer --
-- An answer corrects the questions it names; one that came late only adds to what stands.
INSERT INTO surveys AS s (reference, closing, sequence, at, outcome, handling, effort, solved)
VALUES (
    %(reference)s::text, %(closing)s::integer, %(sequence)s::integer, %(at)s::timestamptz, %(outcome)s::integer,
    %(handling)s::integer, %(effort)s::integer, %(solved)s::boolean
)
ON CONFLICT (reference, closing) DO UPDATE SET
    sequence = excluded.sequence,
    at = excluded.at,
    outcome = CASE WHEN %(late)s::boolean THEN coalesce(s.outcome, excluded.outcome)
        ELSE coalesce(excluded.outcome, s.outcome) END,
    handling = CASE WHEN %(late)s::boolean THEN coalesce(s.handling, excluded.handling)
        ELSE coalesce(excluded.handling, s.handling) END,
    effort = CASE WHEN %(late)s::boolean THEN coalesce(s.effort, excluded.effort)
        ELSE coalesce(excluded.effort, s.effort) END,
    solved = CASE WHEN %(late)s::boolean THEN coalesce(s.solved, excluded.solved)
        ELSE coalesce(excluded.solved, s.solved) END
WHERE s.sequence < excluded.sequence

-- answers --
SELECT reference, closing, sequence, at, outcome, handling, effort, solved
FROM surveys
WHERE reference = %(reference)s::text
ORDER BY closing
