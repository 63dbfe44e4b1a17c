-- Who may sign in at the desk.

-- create --
INSERT INTO accounts (id, name, role, administers, teams, language, issuer, subject, created_at)
VALUES (
    %(id)s::text, %(name)s::text, %(role)s::text, %(administers)s::boolean, %(teams)s::text[], %(language)s::text,
    %(issuer)s::text, %(subject)s::text, %(created_at)s::timestamptz
)
ON CONFLICT DO NOTHING

-- change --
-- What it may do is read with every request, so a session would go on with the new rights; but a page that is open
-- shows the old ones, and who lost a right should notice: they sign in anew.
WITH before AS (
    SELECT id, role, administers, teams FROM accounts WHERE id = %(id)s::text FOR UPDATE
), ended AS (
    UPDATE sessions SET ended_at = %(now)s::timestamptz
    FROM before
    WHERE sessions.account = before.id AND sessions.ended_at IS NULL
      AND (before.role, before.administers, before.teams)
          IS DISTINCT FROM (%(role)s::text, %(administers)s::boolean, %(teams)s::text[])
)
UPDATE accounts SET
    name = %(name)s::text, role = %(role)s::text, administers = %(administers)s::boolean, teams = %(teams)s::text[],
    language = %(language)s::text, issuer = %(issuer)s::text, subject = %(subject)s::text
FROM before
WHERE accounts.id = before.id

-- fetch --
SELECT
    id, name, role, administers, teams, language, issuer, subject, password IS NOT NULL AS has_password, created_at,
    password_at, signed_in_at, disabled_at
FROM accounts
WHERE (%(id)s::text IS NULL OR id = %(id)s::text)
  AND (%(subject)s::text IS NULL OR (issuer = %(issuer)s::text AND subject = %(subject)s::text))
ORDER BY id

-- password_of --
SELECT password FROM accounts WHERE id = %(id)s::text AND password IS NOT NULL AND disabled_at IS NULL

-- set_password --
WITH ended AS (
    UPDATE sessions SET ended_at = %(now)s::timestamptz WHERE account = %(id)s::text AND ended_at IS NULL
)
UPDATE accounts SET password = %(password)s::text, password_at = %(now)s::timestamptz WHERE id = %(id)s::text

-- rehash --
UPDATE accounts SET password = %(password)s::text WHERE id = %(id)s::text AND password = %(was)s::text

-- speak --
UPDATE accounts SET language = %(language)s::text WHERE id = %(id)s::text

-- signed_in --
UPDATE accounts SET signed_in_at = %(now)s::timestamptz WHERE id = %(id)s::text

-- disable --
WITH ended AS (
    UPDATE sessions SET ended_at = %(now)s::timestamptz WHERE account = %(id)s::text AND ended_at IS NULL
)
UPDATE accounts SET disabled_at = coalesce(disabled_at, %(now)s::timestamptz) WHERE id = %(id)s::text

-- enable --
UPDATE accounts SET disabled_at = NULL WHERE id = %(id)s::text

-- lock_sources --
-- Who tries twice at once is counted one after the other.
SELECT pg_advisory_xact_lock(hashtextextended(source, 2)) FROM unnest(%(sources)s::text[]) AS source ORDER BY source

-- tries --
SELECT source, count(*) FROM failed_sign_ins
WHERE source = ANY (%(sources)s::text[]) AND at > %(since)s::timestamptz
GROUP BY source

-- try --
INSERT INTO failed_sign_ins (source, at) SELECT unnest(%(sources)s::text[]), %(now)s::timestamptz
RETURNING number

-- take_back --
DELETE FROM failed_sign_ins WHERE number = ANY (%(numbers)s::bigint[])

-- forgive --
DELETE FROM failed_sign_ins WHERE source = %(source)s::text

-- forget_tries --
DELETE FROM failed_sign_ins WHERE at < %(before)s::timestamptz
