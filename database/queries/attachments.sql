-- Files that came with messages, by their digest, and the cases they belong to.

-- store --
INSERT INTO attachments (sha256, media_type, size, content, stored_at)
VALUES (
    %(sha256)s::text, %(media_type)s::text, %(size)s::integer, %(content)s::bytea, %(stored_at)s::timestamptz
)
-- Sent again it is wanted again: what is left over counts from the last time.
ON CONFLICT (sha256) DO UPDATE SET stored_at = greatest(attachments.stored_at, excluded.stored_at)

-- link --
-- A file whose bytes are kept elsewhere is none of ours.
INSERT INTO case_attachments (reference, sha256, name, added_at)
SELECT %(reference)s::text, sha256, %(name)s::text, %(added_at)s::timestamptz
FROM attachments
WHERE sha256 = %(sha256)s::text
ON CONFLICT (reference, sha256) DO NOTHING

-- fetch --
-- Only through a case it belongs to: a guessed digest opens nothing.
SELECT c.reference, c.sha256, c.name, a.media_type, a.size, c.added_at, a.content
FROM case_attachments AS c JOIN attachments AS a USING (sha256)
WHERE c.reference = %(reference)s::text AND c.sha256 = %(sha256)s::text

-- of_case --
SELECT c.reference, c.sha256, c.name, a.media_type, a.size, c.added_at
FROM case_attachments AS c JOIN attachments AS a USING (sha256)
WHERE c.reference = %(reference)s::text
ORDER BY c.added_at, c.sha256

-- left_over --
-- Of no case, and older than that; none while a mail is on its way to its case, whose files they may be.
SELECT a.sha256
FROM attachments AS a
WHERE
    a.stored_at < %(before)s::timestamptz
    AND NOT EXISTS (SELECT 1 FROM case_attachments AS c WHERE c.sha256 = a.sha256)
    AND NOT EXISTS (SELECT 1 FROM mails AS m WHERE m.decision IS NOT NULL AND m.outcome IS NULL)
ORDER BY a.stored_at
LIMIT %(limit)s::integer
FOR UPDATE OF a SKIP LOCKED

-- adopt --
-- A case names it, and only the link was lost, in a crash between the two.
INSERT INTO case_attachments (reference, sha256, name, added_at)
SELECT DISTINCT ON (t.reference, digest) t.reference, t.detail ->> 'sha256' AS digest, coalesce(t.words, 'file'), t.at
FROM timeline AS t
WHERE t.kind = 'attached' AND t.detail ->> 'sha256' = ANY (%(digests)s::text[])
ORDER BY t.reference, digest, t.sequence
ON CONFLICT (reference, sha256) DO NOTHING

-- forget_uploads --
DELETE FROM api_uploads AS u
WHERE
    u.sha256 = ANY (%(digests)s::text[])
    AND NOT EXISTS (SELECT 1 FROM case_attachments AS c WHERE c.sha256 = u.sha256)

-- purge --
DELETE FROM attachments AS a
WHERE
    a.sha256 = ANY (%(digests)s::text[])
    AND NOT EXISTS (SELECT 1 FROM case_attachments AS c WHERE c.sha256 = a.sha256)
RETURNING a.sha256
