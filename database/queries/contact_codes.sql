-- Codes that prove a contact.

-- lock --
-- One at a time makes codes for a case; until the transaction ends.
SELECT pg_advisory_xact_lock(hashtextextended('contact_code:' || %(reference)s::text, 0))

-- made --
SELECT
    coalesce(max(number), 0) AS number,
    max(made_at) AS last_made_at,
    count(*) FILTER (WHERE made_at > %(since)s::timestamptz) AS recently
FROM contact_codes
WHERE reference = %(reference)s::text

-- add --
INSERT INTO contact_codes (reference, number, channel, salt, code, made_at, expires_at)
VALUES (
    %(reference)s::text, %(number)s::integer, %(channel)s::text, %(salt)s::bytea, %(code)s::bytea,
    %(made_at)s::timestamptz, %(expires_at)s::timestamptz
)

-- attempt --
-- Counted before it is compared, so that many at once are no more than five. Only the latest code counts.
UPDATE contact_codes SET attempts = attempts + 1
WHERE
    reference = %(reference)s::text
    AND number = (SELECT max(number) FROM contact_codes WHERE reference = %(reference)s::text)
    AND attempts < %(most)s::integer
    AND expires_at > %(at)s::timestamptz
RETURNING reference, number, channel, salt, code, made_at, expires_at, attempts

-- mark_proven --
UPDATE contact_codes SET proven_at = coalesce(proven_at, %(at)s::timestamptz)
WHERE reference = %(reference)s::text AND number = %(number)s::integer
