-- Files that came with messages, by their digest, and the cases they belong to.

-- store --
INSERT INTO attachments (sha256, media_type, size, content, stored_at)
VALUES (
    %(sha256)s::text, %(media_type)s::text, %(size)s::integer, %(content)s::bytea, %(stored_at)s::timestamptz
)
ON CONFLICT (sha256) DO NOTHING

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
