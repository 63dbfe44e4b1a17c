-- Requests for the links of cases: put down by the pages, answered by the worker, then removed.

-- ask --
INSERT INTO link_requests (address, reference, language, requested_at)
VALUES (lower(%(address)s::text), %(reference)s::text, %(language)s::text, %(at)s::timestamptz)

-- waiting --
SELECT id FROM link_requests ORDER BY id LIMIT %(limit)s::integer

-- claim --
-- One sender at a time; what another one is at is passed over.
SELECT id, address, reference, language, requested_at
FROM link_requests
WHERE id = %(id)s::bigint
FOR UPDATE SKIP LOCKED

-- remove --
-- With it go others for the same address that came meanwhile: one mail answers them all.
DELETE FROM link_requests
WHERE id = %(id)s::bigint OR (address = %(address)s::text AND requested_at <= %(until)s::timestamptz)

-- cases --
-- Newest first; imported ones have no workflow, and so no pages.
SELECT reference, contact_email AS address, received_at
FROM complaints
WHERE
    NOT imported
    AND contact_email IS NOT NULL
    AND (
        (%(address)s::text IS NOT NULL AND lower(contact_email) = %(address)s::text)
        OR reference = %(reference)s::text
    )
ORDER BY received_at DESC
LIMIT %(limit)s::integer
