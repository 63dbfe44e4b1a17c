-- Who looked at a case, and what was refused. Appended, never changed.

-- note --
INSERT INTO access_log (at, actor_id, actor_role, what, reference, result, problem)
VALUES (
    %(at)s::timestamptz, %(actor_id)s::text, %(actor_role)s::text, %(what)s::text, %(reference)s::text,
    %(result)s::text, %(problem)s::text
)

-- fetch --
SELECT at, actor_id, actor_role, what, reference, result, problem
FROM access_log
WHERE (%(reference)s::text IS NULL OR reference = %(reference)s::text)
  AND (%(actor_id)s::text IS NULL OR actor_id = %(actor_id)s::text)
ORDER BY id DESC
LIMIT %(limit)s::integer
