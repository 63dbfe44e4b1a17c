-- Keys of services: what they may do, and by which secrets they are known.

-- add --
INSERT INTO api_keys (id, service, scopes, companies, per_minute, created_at)
VALUES (
    %(id)s::text, %(service)s::text, %(scopes)s::text[], %(companies)s::text[], %(per_minute)s::integer,
    %(created_at)s::timestamptz
)

-- add_secret --
INSERT INTO api_secrets (key_id, digest, created_at, expires_at)
VALUES (%(id)s::text, %(digest)s::bytea, %(created_at)s::timestamptz, %(expires_at)s::timestamptz)

-- shorten --
-- The secrets there are end then, if they do not end earlier.
UPDATE api_secrets SET expires_at = least(expires_at, %(until)s::timestamptz)
WHERE key_id = %(id)s::text AND (expires_at IS NULL OR expires_at > %(now)s::timestamptz)

-- revoke --
UPDATE api_keys SET revoked_at = %(at)s::timestamptz WHERE id = %(id)s::text AND revoked_at IS NULL

-- touch --
UPDATE api_keys SET last_used_at = %(at)s::timestamptz
WHERE id = %(id)s::text AND (last_used_at IS NULL OR last_used_at < %(at)s::timestamptz - interval '1 minute')

-- live --
-- A key with the secrets by which it is known now; no row: not there, or revoked.
SELECT
    k.id, k.service, k.scopes, k.companies, k.per_minute, k.last_used_at,
    array(
        SELECT s.digest FROM api_secrets AS s
        WHERE s.key_id = k.id AND (s.expires_at IS NULL OR s.expires_at > %(now)s::timestamptz)
        ORDER BY s.created_at DESC
    ) AS digests
FROM api_keys AS k
WHERE k.id = %(id)s::text AND k.revoked_at IS NULL

-- admit --
-- `live`, and in the same statement one request taken off the key's allowance, if it comes with a secret that is valid
-- and there is room: the rule of rate_limits.sql, with the numbers of `web.api.keys.bucket_of`.
WITH key AS MATERIALIZED (
    SELECT
        k.id, k.service, k.scopes, k.companies, k.per_minute, k.last_used_at,
        array(
            SELECT s.digest FROM api_secrets AS s
            WHERE s.key_id = k.id AND (s.expires_at IS NULL OR s.expires_at > %(now)s::timestamptz)
            ORDER BY s.created_at DESC
        ) AS digests
    FROM api_keys AS k
    WHERE k.id = %(id)s::text AND k.revoked_at IS NULL
), asked AS MATERIALIZED (
    SELECT
        'key:' || id AS bucket,
        interval '1 minute' / per_minute AS cost,
        interval '1 minute' * greatest(20.0::float8 / per_minute, 1.0::float8 / 6) AS room
    FROM key
    WHERE %(digest)s::bytea = ANY (digests)
), taken AS (
    INSERT INTO rate_limits AS held (bucket, used_until)
    SELECT bucket, clock_timestamp() + cost FROM asked
    ON CONFLICT (bucket) DO UPDATE SET
        used_until = greatest(held.used_until, clock_timestamp()) + (SELECT cost FROM asked)
    WHERE
        greatest(held.used_until, clock_timestamp()) + (SELECT cost FROM asked)
        <= clock_timestamp() + (SELECT room FROM asked)
    RETURNING bucket
)
SELECT key.*, EXISTS (SELECT FROM taken) AS admitted FROM key

-- list --
SELECT
    k.id, k.service, k.scopes, k.companies, k.per_minute, k.created_at, k.last_used_at, k.revoked_at,
    (
        SELECT count(*) FROM api_secrets AS s
        WHERE s.key_id = k.id AND (s.expires_at IS NULL OR s.expires_at > %(now)s::timestamptz)
    ) AS secrets,
    (
        SELECT CASE WHEN bool_or(s.expires_at IS NULL) THEN NULL ELSE max(s.expires_at) END
        FROM api_secrets AS s WHERE s.key_id = k.id
    ) AS expires_at
FROM api_keys AS k
WHERE %(id)s::text IS NULL OR k.id = %(id)s::text
ORDER BY k.created_at, k.id
