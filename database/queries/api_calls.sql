-- What services have sent through the HTTP interface, and whose a case is.

-- add_upload --
INSERT INTO api_uploads (key_id, sha256, name, uploaded_at)
VALUES (%(key_id)s::text, %(sha256)s::text, %(name)s::text, %(at)s::timestamptz)
ON CONFLICT (key_id, sha256) DO NOTHING

-- uploads --
SELECT u.sha256, u.name, a.media_type, a.size
FROM api_uploads AS u JOIN attachments AS a USING (sha256)
WHERE u.key_id = %(key_id)s::text AND u.sha256 = ANY (%(digests)s::text[])

-- remember --
INSERT INTO api_messages (reference, key, digest, sent_at)
VALUES (%(reference)s::text, %(key)s::text, %(digest)s::text, %(at)s::timestamptz)
ON CONFLICT (reference, key) DO NOTHING

-- digest --
SELECT digest FROM api_messages WHERE reference = %(reference)s::text AND key = %(key)s::text

-- whose --
-- A case is known by its record, or by its claim before there is one.
SELECT coalesce(c.company, i.company) AS company
FROM (SELECT %(reference)s::text AS reference) AS asked
LEFT JOIN complaints AS c USING (reference)
LEFT JOIN intakes AS i USING (reference)
WHERE c.reference IS NOT NULL OR i.reference IS NOT NULL
