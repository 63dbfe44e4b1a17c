-- Handlers and their presence, and the owners that escalations found.

-- save --
INSERT INTO agents (id, name, email, role, team, tier, skills, languages, substitute)
VALUES (
    %(id)s::text, %(name)s::text, %(email)s::text, %(role)s::text, %(team)s::text, %(tier)s::text, %(skills)s::text[],
    %(languages)s::text[], %(substitute)s::text
)
ON CONFLICT (id) DO UPDATE SET
    name = excluded.name, email = excluded.email, role = excluded.role, team = excluded.team, tier = excluded.tier,
    skills = excluded.skills, languages = excluded.languages, substitute = excluded.substitute

-- away --
UPDATE agents SET
    present = false, away_until = %(until)s::timestamptz, substitute = coalesce(%(substitute)s::text, substitute)
WHERE id = %(id)s::text

-- back --
UPDATE agents SET present = true, away_until = NULL WHERE id = %(id)s::text

-- mark_assigned --
UPDATE agents SET last_assigned_at = greatest(last_assigned_at, %(at)s::timestamptz) WHERE id = %(id)s::text

-- lock_tier --
-- Before the candidates are read: whoever waited here must count with what the one before has assigned, and a
-- statement sees nothing that was committed after it began.
SELECT id FROM agents WHERE tier = %(tier)s::text ORDER BY id FOR NO KEY UPDATE

-- fetch --
-- All agents, or those of a tier with their substitutes, or of a team, or one. Load is what an agent owns by the
-- records, and what was found for them since a complaint was last recorded.
SELECT
    a.id, a.name, a.email, a.role, a.team, a.tier, a.skills, a.languages, a.substitute, a.away_until,
    a.last_assigned_at,
    a.present OR coalesce(a.away_until <= %(at)s::timestamptz, false) AS present,
    (SELECT count(*) FROM complaints AS c WHERE c.owner = 'agent:' || a.id AND c.is_open)
    + (
        SELECT count(DISTINCT e.reference)
        FROM escalations AS e LEFT JOIN complaints AS c ON c.reference = e.reference
        WHERE e.owner = 'agent:' || a.id AND e.found_at >= %(at)s::timestamptz - interval '1 hour'
          AND (c.reference IS NULL OR (c.recorded_at < e.found_at AND c.owner <> e.owner))
    ) AS open_cases
FROM agents AS a
WHERE (%(id)s::text IS NULL OR a.id = %(id)s::text)
  AND (%(team)s::text IS NULL OR a.team = %(team)s::text)
  AND (
      %(tier)s::text IS NULL OR a.tier = %(tier)s::text
      OR a.id IN (SELECT s.substitute FROM agents AS s WHERE s.tier = %(tier)s::text)
  )
ORDER BY a.id

-- contacts --
-- How to reach agents and whole teams, without their load.
SELECT
    id, team, email, languages, present OR coalesce(away_until <= %(at)s::timestamptz, false) AS present
FROM agents
WHERE id = ANY (%(ids)s::text[]) OR team = ANY (%(teams)s::text[])
ORDER BY id

-- known --
-- Which of these are agents, or have an account at the desk.
SELECT id FROM agents WHERE id = ANY (%(ids)s::text[])
UNION
SELECT id FROM accounts WHERE id = ANY (%(ids)s::text[])

-- escalation_found --
SELECT owner FROM escalations WHERE key = %(key)s::text

-- claim_escalation --
-- The second of two at once waits here for the first.
SELECT pg_advisory_xact_lock(hashtextextended(%(key)s::text, 1))

-- add_escalation --
INSERT INTO escalations (key, reference, number, tier, owner, previous_owner, found_at)
VALUES (
    %(key)s::text, %(reference)s::text, %(number)s::integer, %(tier)s::text, %(owner)s::text,
    %(previous_owner)s::text, %(found_at)s::timestamptz
)
