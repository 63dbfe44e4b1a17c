-- Sessions of the desk, found by the digest of their cookie.

-- start --
INSERT INTO sessions (token, account, started_at, seen_at, expires_at, browser, address)
VALUES (
    %(token)s::bytea, %(account)s::text, %(now)s::timestamptz, %(now)s::timestamptz, %(expires_at)s::timestamptz,
    %(browser)s::text, %(address)s::text
)

-- find --
-- The teams of the account; where it names none, the agent's own.
SELECT
    s.number, s.started_at, s.seen_at, s.expires_at, s.ended_at, a.id AS account, a.name, a.role, a.administers,
    CASE WHEN a.teams = '{}' AND g.team IS NOT NULL THEN ARRAY[g.team] ELSE a.teams END AS teams,
    a.language, a.disabled_at
FROM sessions AS s JOIN accounts AS a ON a.id = s.account LEFT JOIN agents AS g ON g.id = a.id
WHERE s.token = %(token)s::bytea

-- see --
UPDATE sessions SET seen_at = %(now)s::timestamptz WHERE number = %(number)s::bigint AND seen_at < %(now)s::timestamptz

-- end --
UPDATE sessions SET ended_at = %(now)s::timestamptz WHERE number = %(number)s::bigint AND ended_at IS NULL
RETURNING account

-- end_all --
UPDATE sessions SET ended_at = %(now)s::timestamptz
WHERE account = %(account)s::text AND ended_at IS NULL AND (%(but)s::bigint IS NULL OR number <> %(but)s::bigint)

-- listed --
SELECT number, account, started_at, seen_at, expires_at, browser, address
FROM sessions
WHERE ended_at IS NULL AND expires_at > %(now)s::timestamptz AND seen_at > %(seen_after)s::timestamptz
  AND (%(account)s::text IS NULL OR account = %(account)s::text)
ORDER BY seen_at DESC, number DESC
LIMIT %(limit)s::integer

-- forget --
DELETE FROM sessions WHERE expires_at < %(before)s::timestamptz
