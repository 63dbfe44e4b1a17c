-- What was typed when a session had ended.

-- keep --
INSERT INTO kept_forms (account, path, fields, kept_at)
VALUES (%(account)s::text, %(path)s::text, %(fields)s::json, %(now)s::timestamptz)

-- of_account --
SELECT number, path, fields, kept_at FROM kept_forms WHERE account = %(account)s::text ORDER BY number

-- take --
DELETE FROM kept_forms WHERE number = %(number)s::bigint AND account = %(account)s::text
RETURNING number, path, fields, kept_at

-- forget --
DELETE FROM kept_forms WHERE kept_at < %(before)s::timestamptz
