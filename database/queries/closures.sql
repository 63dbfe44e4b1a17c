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
