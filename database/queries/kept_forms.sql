-- What was typed when a session had ended.

-- keep --
-- What comes later under the same key replaces what came before; but no draft replaces the form itself, once it was sent.
INSERT INTO kept_forms (account, key, path, fields, kept_at)
VALUES (%(account)s::text, %(key)s::text, %(path)s::text, %(fields)s::json, %(now)s::timestamptz)
ON CONFLICT (account, key) WHERE key IS NOT NULL DO UPDATE
SET path = excluded.path, fields = excluded.fields, kept_at = excluded.kept_at
WHERE kept_forms.path LIKE '%%/drafts/%%' OR excluded.path NOT LIKE '%%/drafts/%%'

-- of_account --
SELECT number, path, fields, kept_at FROM kept_forms WHERE account = %(account)s::text ORDER BY number

-- take --
DELETE FROM kept_forms WHERE number = %(number)s::bigint AND account = %(account)s::text
RETURNING number, path, fields, kept_at

-- forget --
DELETE FROM kept_forms WHERE kept_at < %(before)s::timestamptz
