-- How complaints came in: the same (channel, key) is the same case, for ever; and how far an import has come.

-- claim --
-- Nothing happens if the key is known already, or if the reference belongs to another key.
INSERT INTO intakes (channel, key, reference, salt, digest, company, created_at)
VALUES (
    %(channel)s::text, %(key)s::text, %(reference)s::text, %(salt)s::integer, %(digest)s::text,
    %(company)s::text, %(created_at)s::timestamptz
)
ON CONFLICT DO NOTHING

-- by_key --
SELECT channel, key, reference, salt, digest, company, created_at FROM intakes
WHERE channel = %(channel)s::text AND key = %(key)s::text

-- by_reference --
SELECT channel, key, reference, salt, digest, company, created_at FROM intakes
WHERE reference = %(reference)s::text

-- mark_imported --
INSERT INTO imports (file, line, reference, imported_at)
VALUES (%(file)s::text, %(line)s::integer, %(reference)s::text, %(imported_at)s::timestamptz)
ON CONFLICT (file, line) DO NOTHING

-- imported_lines --
SELECT line FROM imports WHERE file = %(file)s::text ORDER BY line
