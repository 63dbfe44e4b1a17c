-- What the desk shows besides one case: its queues, their counts, drafts, load.

-- queue --
-- One queue, filtered, what is due first comes first. Each queue's condition is one that an index holds.
SELECT
    c.reference, c.through, c.imported, c.subject, c.recorded_at, c.status, c.channel, c.category, c.severity,
    c.language, c.company, c.owner, c.team, c.tier, c.tier_level, c.outcome, c.closing_reason, c.transfers, c.disputes,
    c.reopenings, c.received_at, c.assessed_at, c.decided_at, c.closed_at, c.archived_at, c.next_due_at, c.next_due,
    c.breached, c.satisfied, c.rating, c.awaiting_approval, c.remedies_owed, c.pack, c.policy_version,
    c.reopening_requested_at, c.contact_name, left(c.problem, 240) AS beginning
FROM complaints AS c
WHERE c.is_open
  AND (%(owner)s::text IS NULL OR c.owner = %(owner)s::text)
  AND (%(team)s::text IS NULL OR c.team = %(team)s::text)
  AND (%(teams)s::text[] IS NULL OR c.team = ANY (%(teams)s::text[]) OR c.owner = %(me)s::text)
  AND (%(status)s::text IS NULL OR c.status = %(status)s::text)
  AND (%(severity)s::text IS NULL OR c.severity = %(severity)s::text)
  AND (%(category)s::text IS NULL OR c.category = %(category)s::text)
  AND (%(channel)s::text IS NULL OR c.channel = %(channel)s::text)
  AND (NOT %(late)s::boolean OR c.breached <> '{}')
  AND (NOT %(approvals)s::boolean OR c.awaiting_approval)
  AND (%(due_from)s::timestamptz IS NULL OR c.due_order >= %(due_from)s::timestamptz)
  AND (%(due_before)s::timestamptz IS NULL OR c.due_order < %(due_before)s::timestamptz)
  AND (
      %(words)s::text IS NULL
      OR c.search @@ (
          websearch_to_tsquery('indonesian', %(words)s::text) || websearch_to_tsquery('english', %(words)s::text)
          || websearch_to_tsquery('simple', %(words)s::text)
      )
  )
  AND (
      %(after)s::text IS NULL
      OR (c.due_order, c.reference) > (coalesce(%(after_at)s::timestamptz, 'infinity'), %(after)s::text)
  )
ORDER BY c.due_order, c.reference
LIMIT %(limit)s::integer

-- ended --
-- Closed and archived, the last one first. A word that many have is in some of those that have ended last: `within` of
-- them are looked through.
SELECT
    c.reference, c.through, c.imported, c.subject, c.recorded_at, c.status, c.channel, c.category, c.severity,
    c.language, c.company, c.owner, c.team, c.tier, c.tier_level, c.outcome, c.closing_reason, c.transfers, c.disputes,
    c.reopenings, c.received_at, c.assessed_at, c.decided_at, c.closed_at, c.archived_at, c.next_due_at, c.next_due,
    c.breached, c.satisfied, c.rating, c.awaiting_approval, c.remedies_owed, c.pack, c.policy_version,
    c.reopening_requested_at, c.contact_name, left(c.problem, 240) AS beginning
FROM (
    SELECT * FROM complaints AS e
    WHERE NOT e.is_open AND e.closed_at IS NOT NULL
      AND (%(owner)s::text IS NULL OR e.owner = %(owner)s::text)
      AND (%(team)s::text IS NULL OR e.team = %(team)s::text)
      AND (%(teams)s::text[] IS NULL OR e.team = ANY (%(teams)s::text[]) OR e.owner = %(me)s::text)
      AND (%(severity)s::text IS NULL OR e.severity = %(severity)s::text)
      AND (%(category)s::text IS NULL OR e.category = %(category)s::text)
      AND (%(channel)s::text IS NULL OR e.channel = %(channel)s::text)
      AND (NOT %(requested)s::boolean OR e.reopening_requested_at IS NOT NULL)
      AND (
          %(after)s::text IS NULL
          OR (e.closed_at, e.reference) < (coalesce(%(after_at)s::timestamptz, '-infinity'), %(after)s::text)
      )
    ORDER BY e.closed_at DESC, e.reference DESC
    LIMIT %(within)s::integer
) AS c
WHERE
    %(words)s::text IS NULL
    OR c.search @@ (
        websearch_to_tsquery('indonesian', %(words)s::text) || websearch_to_tsquery('english', %(words)s::text)
        || websearch_to_tsquery('simple', %(words)s::text)
    )
ORDER BY c.closed_at DESC, c.reference DESC
LIMIT %(limit)s::integer

-- ended_with_words --
-- A word that few have: all of them, by the index of words.
WITH found AS (
    SELECT f.reference
    FROM ended_with(
        websearch_to_tsquery('indonesian', %(words)s::text) || websearch_to_tsquery('english', %(words)s::text)
        || websearch_to_tsquery('simple', %(words)s::text)
    ) AS f
    WHERE (%(owner)s::text IS NULL OR f.owner = %(owner)s::text)
      AND (%(team)s::text IS NULL OR f.team = %(team)s::text)
      AND (%(teams)s::text[] IS NULL OR f.team = ANY (%(teams)s::text[]) OR f.owner = %(me)s::text)
      AND (%(severity)s::text IS NULL OR f.severity = %(severity)s::text)
      AND (%(category)s::text IS NULL OR f.category = %(category)s::text)
      AND (%(channel)s::text IS NULL OR f.channel = %(channel)s::text)
      AND (NOT %(requested)s::boolean OR f.reopening_requested_at IS NOT NULL)
      AND (
          %(after)s::text IS NULL
          OR (f.closed_at, f.reference) < (coalesce(%(after_at)s::timestamptz, '-infinity'), %(after)s::text)
      )
    ORDER BY f.closed_at DESC, f.reference DESC
    LIMIT %(limit)s::integer
)
SELECT
    c.reference, c.through, c.imported, c.subject, c.recorded_at, c.status, c.channel, c.category, c.severity,
    c.language, c.company, c.owner, c.team, c.tier, c.tier_level, c.outcome, c.closing_reason, c.transfers, c.disputes,
    c.reopenings, c.received_at, c.assessed_at, c.decided_at, c.closed_at, c.archived_at, c.next_due_at, c.next_due,
    c.breached, c.satisfied, c.rating, c.awaiting_approval, c.remedies_owed, c.pack, c.policy_version,
    c.reopening_requested_at, c.contact_name, left(c.problem, 240) AS beginning
FROM complaints AS c
WHERE c.reference IN (SELECT reference FROM found)
ORDER BY c.closed_at DESC, c.reference DESC

-- counts --
-- How many cases each queue has, counted no further than `most`: nobody reads on from there.
SELECT
    (SELECT count(*) FROM (
        SELECT FROM complaints AS c WHERE c.is_open AND c.owner = %(me)s::text LIMIT %(most)s::integer
    ) AS q) AS mine,
    (SELECT count(*) FROM (
        SELECT FROM complaints AS c
        WHERE c.is_open AND (%(teams)s::text[] IS NULL OR c.team = ANY (%(teams)s::text[])) LIMIT %(most)s::integer
    ) AS q) AS team,
    (SELECT count(*) FROM (
        SELECT FROM complaints AS c
        WHERE c.is_open AND c.due_order >= %(now)s::timestamptz AND c.due_order < %(soon)s::timestamptz
          AND (%(teams)s::text[] IS NULL OR c.team = ANY (%(teams)s::text[])) LIMIT %(most)s::integer
    ) AS q) AS at_risk,
    (SELECT count(*) FROM (
        SELECT FROM complaints AS c
        WHERE c.is_open AND c.breached <> '{}'
          AND (%(teams)s::text[] IS NULL OR c.team = ANY (%(teams)s::text[])) LIMIT %(most)s::integer
    ) AS q) AS breached,
    (SELECT count(*) FROM (
        SELECT FROM complaints AS c
        WHERE c.is_open AND c.status = 'awaiting_complainant'
          AND (%(teams)s::text[] IS NULL OR c.team = ANY (%(teams)s::text[])) LIMIT %(most)s::integer
    ) AS q) AS awaiting,
    (SELECT count(*) FROM (
        SELECT FROM complaints AS c
        WHERE c.is_open AND c.status = 'on_hold'
          AND (%(teams)s::text[] IS NULL OR c.team = ANY (%(teams)s::text[])) LIMIT %(most)s::integer
    ) AS q) AS on_hold,
    (SELECT count(*) FROM (
        SELECT FROM complaints AS c
        WHERE c.is_open AND c.awaiting_approval
          AND (%(teams)s::text[] IS NULL OR c.team = ANY (%(teams)s::text[])) LIMIT %(most)s::integer
    ) AS q) AS approvals,
    (SELECT count(*) FROM (
        SELECT FROM complaints AS c
        WHERE NOT c.is_open AND c.closed_at IS NOT NULL AND c.reopening_requested_at IS NOT NULL
          AND (%(teams)s::text[] IS NULL OR c.team = ANY (%(teams)s::text[])) LIMIT %(most)s::integer
    ) AS q) AS requests

-- owed --
-- What somebody owes: promises, corrections and tasks, the first due first.
SELECT a.reference, a.number, a.kind, a.description, a.owner, a.due_at
FROM actions AS a
WHERE a.owner = %(owner)s::text AND a.completed_at IS NULL AND a.cancelled_at IS NULL
ORDER BY a.due_at, a.reference, a.number
LIMIT %(limit)s::integer

-- clocks_of --
-- The running promises of some cases, so that a list can say which one is next.
SELECT
    reference, metric, occurrence, state, target, calendar, on_due, started_at, due_at, breached_at, ended_at, met_by,
    elapsed_seconds, paused_seconds, late_seconds
FROM clocks
WHERE reference = ANY (%(references)s::text[]) AND state = 'running'
ORDER BY reference, due_at, metric

-- save_draft --
INSERT INTO drafts (user_id, reference, form, fields, saved_at)
VALUES (%(user_id)s::text, %(reference)s::text, %(form)s::text, %(fields)s::jsonb, %(saved_at)s::timestamptz)
ON CONFLICT (user_id, reference, form) DO UPDATE SET fields = excluded.fields, saved_at = excluded.saved_at

-- drafts --
SELECT form, fields, saved_at FROM drafts WHERE user_id = %(user_id)s::text AND reference = %(reference)s::text

-- drop_draft --
DELETE FROM drafts WHERE user_id = %(user_id)s::text AND reference = %(reference)s::text AND form = %(form)s::text

-- drop_old_drafts --
DELETE FROM drafts WHERE saved_at < %(before)s::timestamptz

-- load_of_teams --
-- Open cases by team: how many, how many of them late, waiting, and with nobody of the team.
SELECT
    c.team,
    count(*) AS open,
    count(*) FILTER (WHERE c.breached <> '{}') AS late,
    count(*) FILTER (WHERE c.owner LIKE 'team:%%') AS unassigned,
    count(*) FILTER (WHERE c.status IN ('awaiting_complainant', 'on_hold')) AS waiting,
    count(*) FILTER (WHERE c.awaiting_approval) AS approvals,
    min(c.next_due_at) AS next_due_at
FROM complaints AS c
WHERE c.is_open AND (%(teams)s::text[] IS NULL OR c.team = ANY (%(teams)s::text[]))
GROUP BY c.team
ORDER BY c.team

-- load_of_owners --
SELECT
    c.owner,
    count(*) AS open,
    count(*) FILTER (WHERE c.breached <> '{}') AS late,
    count(*) FILTER (WHERE c.status IN ('awaiting_complainant', 'on_hold')) AS waiting,
    min(c.next_due_at) AS next_due_at
FROM complaints AS c
WHERE c.is_open AND c.owner = ANY (%(owners)s::text[])
GROUP BY c.owner

-- breaches --
-- Promises that were broken since an instant, with where the case is now: what was late, how long, whose it was.
SELECT
    k.reference, k.metric, k.occurrence, k.breached_at, k.ended_at, k.due_at, k.late_seconds, c.team, c.owner, c.tier,
    c.category, c.severity, c.status, c.channel
FROM clocks AS k JOIN complaints AS c ON c.reference = k.reference
WHERE k.breached_at >= %(since)s::timestamptz
  AND (%(teams)s::text[] IS NULL OR c.team = ANY (%(teams)s::text[]))
ORDER BY k.breached_at DESC, k.reference
LIMIT %(limit)s::integer

-- agents --
-- Who works in these teams; presence as of an instant.
SELECT
    a.id, a.name, a.email, a.role, a.team, a.tier, a.skills, a.languages, a.substitute, a.away_until,
    a.last_assigned_at, a.present OR coalesce(a.away_until <= %(at)s::timestamptz, false) AS present,
    (SELECT count(*) FROM complaints AS c WHERE c.owner = 'agent:' || a.id AND c.is_open) AS open_cases
FROM agents AS a
WHERE %(teams)s::text[] IS NULL OR a.team = ANY (%(teams)s::text[])
ORDER BY a.team, a.id
LIMIT %(limit)s::integer
