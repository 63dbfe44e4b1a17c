-- What is owed: promises, measures, tasks. A lower `through` never overwrites a higher one.

-- upsert --
INSERT INTO actions (
    reference, number, through, kind, description, owner, due_at, added_at, completed_at, note, cancelled_at, asked,
    answer, answered_at, effective, of_number
)
VALUES (
    %(reference)s::text, %(number)s::integer, %(through)s::integer, %(kind)s::text, %(description)s::text,
    %(owner)s::text, %(due_at)s::timestamptz, %(added_at)s::timestamptz, %(completed_at)s::timestamptz, %(note)s::text,
    %(cancelled_at)s::timestamptz, %(asked)s::text, %(answer)s::text, %(answered_at)s::timestamptz,
    %(effective)s::boolean, %(of)s::integer
)
ON CONFLICT (reference, number) DO UPDATE SET
    through = excluded.through, kind = excluded.kind, description = excluded.description, owner = excluded.owner,
    due_at = excluded.due_at, added_at = excluded.added_at, completed_at = excluded.completed_at, note = excluded.note,
    cancelled_at = excluded.cancelled_at, asked = excluded.asked, answer = excluded.answer,
    answered_at = excluded.answered_at, effective = excluded.effective, of_number = excluded.of_number
WHERE actions.through <= excluded.through

-- fetch --
SELECT
    number, kind, description, owner, due_at, added_at, completed_at, note, cancelled_at, asked, answer, answered_at,
    effective, of_number AS of
FROM actions
WHERE reference = %(reference)s::text
ORDER BY number

-- asked_by --
-- The promise that a mail answers about: the last notice of ours that it names asked whether it is kept.
SELECT a.number
FROM
    (
        SELECT n.reference, n.key
        FROM
            unnest(%(message_ids)s::text[]) WITH ORDINALITY AS named (message_id, place)
            JOIN notices AS n ON n.message_id = named.message_id
        WHERE n.reference = %(reference)s::text AND n.audience = 'complainant'
        ORDER BY named.place DESC
        LIMIT 1
    ) AS answered
    JOIN actions AS a ON a.reference = answered.reference AND a.asked = answered.key
