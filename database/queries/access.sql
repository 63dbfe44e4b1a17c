-- Who looked at a case, and what was refused. Appended, never changed.

-- note --
INSERT INTO access_log (at, actor_id, actor_role, what, reference, about, result, problem)
VALUES (
    %(at)s::timestamptz, %(actor_id)s::text, %(actor_role)s::text, %(what)s::text, %(reference)s::text,
    %(about)s::text, %(result)s::text, %(problem)s::text
)

-- fetch --
SELECT at, actor_id, actor_role, what, reference, about, result, problem
FROM access_log
WHERE (%(reference)s::text IS NULL OR reference = %(reference)s::text)
  AND (%(actor_id)s::text IS NULL OR actor_id = %(actor_id)s::text)
ORDER BY id DESC
LIMIT %(limit)s::integer

-- search_before --
SELECT id AS number, at, actor_id, actor_role, what, reference, about, result, problem
FROM access_log
WHERE (%(number)s::bigint IS NULL OR id < %(number)s::bigint)
  AND (%(start)s::timestamptz IS NULL OR at >= %(start)s::timestamptz)
  AND (%(end)s::timestamptz IS NULL OR at < %(end)s::timestamptz)
  AND (%(actor_id)s::text IS NULL OR actor_id = %(actor_id)s::text)
  AND (%(reference)s::text IS NULL OR reference = %(reference)s::text)
  AND (%(what)s::text IS NULL OR what = %(what)s::text)
  AND (%(result)s::text IS NULL OR result = %(result)s::text)
ORDER BY id DESC
LIMIT %(limit)s::integer

-- search_after --
SELECT * FROM (
    SELECT id AS number, at, actor_id, actor_role, what, reference, about, result, problem
    FROM access_log
    WHERE id > %(number)s::bigint
      AND (%(start)s::timestamptz IS NULL OR at >= %(start)s::timestamptz)
      AND (%(end)s::timestamptz IS NULL OR at < %(end)s::timestamptz)
      AND (%(actor_id)s::text IS NULL OR actor_id = %(actor_id)s::text)
      AND (%(reference)s::text IS NULL OR reference = %(reference)s::text)
      AND (%(what)s::text IS NULL OR what = %(what)s::text)
      AND (%(result)s::text IS NULL OR result = %(result)s::text)
    ORDER BY id
    LIMIT %(limit)s::integer
) AS page
ORDER BY number DESC
