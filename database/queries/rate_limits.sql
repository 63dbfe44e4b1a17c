-- How much of a bucket is used up: one instant for each (GCRA, the generic cell rate algorithm), by the server's clock,
-- which all processes share.

-- take --
-- A row comes back if there was room.
INSERT INTO rate_limits AS held (bucket, used_until)
VALUES (%(bucket)s::text, clock_timestamp() + %(cost)s::float8 * interval '1 second')
ON CONFLICT (bucket) DO UPDATE SET
    used_until = greatest(held.used_until, clock_timestamp()) + %(cost)s::float8 * interval '1 second'
WHERE
    greatest(held.used_until, clock_timestamp()) + %(cost)s::float8 * interval '1 second'
    <= clock_timestamp() + %(room)s::float8 * interval '1 second'
RETURNING 0::float8 AS seconds

-- wait --
-- After how many seconds there will be.
SELECT
    extract(EPOCH FROM used_until - clock_timestamp())::float8 + %(cost)s::float8 - %(room)s::float8 AS seconds
FROM rate_limits
WHERE bucket = %(bucket)s::text

-- forget --
-- What is no longer used up is as if it were not there.
DELETE FROM rate_limits WHERE used_until < clock_timestamp()
