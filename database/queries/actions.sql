-- What is owed: promises, corrections, tasks. A lower `through` never overwrites a higher one.

-- upsert --
INSERT INTO actions (reference, number, through, kind, description, owner, due_at, added_at, completed_at, note)
VALUES (
    %(reference)s::text, %(number)s::integer, %(through)s::integer, %(kind)s::text, %(description)s::text,
    %(owner)s::text, %(due_at)s::timestamptz, %(added_at)s::timestamptz, %(completed_at)s::timestamptz, %(note)s::text
)
ON CONFLICT (reference, number) DO UPDATE SET
    through = excluded.through, kind = excluded.kind, description = excluded.description, owner = excluded.owner,
    due_at = excluded.due_at, added_at = excluded.added_at, completed_at = excluded.completed_at, note = excluded.note
WHERE actions.through <= excluded.through

-- fetch --
SELECT number, kind, description, owner, due_at, added_at, completed_at, note
FROM actions
WHERE reference = %(reference)s::text
ORDER BY number
