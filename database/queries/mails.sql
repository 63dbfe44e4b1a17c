-- Mails that came in, what they belong to, and those that were set aside.

-- write --
INSERT INTO mails (key, mailbox, message_id, sender, subject, kind, received_at, read_at, raw)
VALUES (
    %(key)s::text, %(mailbox)s::text, %(message_id)s::text, %(sender)s::text, %(subject)s::text, %(kind)s::text,
    %(received_at)s::timestamptz, %(read_at)s::timestamptz, %(raw)s::bytea
)
ON CONFLICT (key) DO NOTHING

-- get --
SELECT
    key, mailbox, message_id, sender, subject, kind, decision, matched_by, reference, answers, outcome, received_at,
    read_at, done_at
FROM mails
WHERE key = %(key)s::text
FOR UPDATE

-- raw --
SELECT raw FROM mails WHERE key = %(key)s::text

-- decide --
UPDATE mails SET
    decision = %(decision)s::text, matched_by = %(matched_by)s::text, reference = %(reference)s::text,
    answers = %(answers)s::integer
WHERE key = %(key)s::text AND decision IS NULL

-- finish --
UPDATE mails SET
    outcome = %(outcome)s::text, reference = coalesce(%(reference)s::text, reference), done_at = %(at)s::timestamptz
WHERE key = %(key)s::text AND done_at IS NULL

-- begin_again --
UPDATE mails SET
    decision = NULL, matched_by = NULL, reference = NULL, answers = NULL, outcome = NULL, done_at = NULL
WHERE key = %(key)s::text AND outcome = 'set_aside'

-- list --
SELECT
    key, mailbox, message_id, sender, subject, kind, decision, matched_by, reference, answers, outcome, received_at,
    read_at, done_at
FROM mails
ORDER BY read_at DESC, key
LIMIT %(limit)s::integer

-- answered --
-- The case in which a mail was sent or received that bears one of these ids; of several the nearest, which stands last.
SELECT found.reference
FROM
    unnest(%(message_ids)s::text[]) WITH ORDINALITY AS named (message_id, place)
    JOIN LATERAL (
        SELECT n.reference FROM notices AS n WHERE n.message_id = named.message_id AND n.audience = 'complainant'
        UNION ALL
        SELECT coalesce(m.reference, i.reference) AS reference
        FROM mails AS m LEFT JOIN intakes AS i ON i.channel = 'email' AND i.key = m.key
        WHERE m.message_id = named.message_id AND m.key <> %(key)s::text AND m.decision <> 'other_sender'
    ) AS found ON found.reference IS NOT NULL
ORDER BY named.place DESC
LIMIT 1

-- contact --
-- Whose word counts in a case: the address on file; before it is recorded, whoever opened the case by mail.
SELECT lower(coalesce(
    (SELECT contact_email FROM complaints WHERE reference = %(reference)s::text),
    (
        SELECT m.sender FROM intakes AS i JOIN mails AS m ON m.key = i.key
        WHERE i.channel = 'email' AND i.reference = %(reference)s::text
    )
)) AS address

-- asks_after_closing --
-- Whether the mail answers a follow-up, or what we said to a "stop": the notice it names, else the last that was sent.
SELECT coalesce(
    (
        SELECT n.occasion IN ('follow_up', 'surveys_stopped')
        FROM
            unnest(%(message_ids)s::text[]) WITH ORDINALITY AS named (message_id, place)
            JOIN notices AS n ON n.message_id = named.message_id
        WHERE n.reference = %(reference)s::text AND n.audience = 'complainant'
        ORDER BY named.place DESC
        LIMIT 1
    ),
    (
        SELECT n.occasion IN ('follow_up', 'surveys_stopped')
        FROM notices AS n
        WHERE n.reference = %(reference)s::text AND n.audience = 'complainant' AND n.state = 'sent'
        ORDER BY n.written_at DESC, n.key DESC
        LIMIT 1
    ),
    false
) AS asks

-- question --
-- The notice a mail answers, the one it names, else the last one that was sent, if "is it solved?" may be answered to it;
-- and the decision that it is about: its own, or the last one told before it. An earlier decision is a question too:
-- the case knows that it was asked before.
SELECT coalesce(
    meant.decision,
    (
        SELECT told.decision FROM notices AS told
        WHERE
            told.reference = meant.reference
            AND told.occasion IN ('decision', 'final_decision')
            AND told.written_at <= meant.written_at
        ORDER BY told.written_at DESC, told.decision DESC
        LIMIT 1
    )
) AS decision
FROM (
    (
        SELECT n.*, named.place
        FROM
            unnest(%(message_ids)s::text[]) WITH ORDINALITY AS named (message_id, place)
            JOIN notices AS n ON n.message_id = named.message_id
        WHERE n.reference = %(reference)s::text AND n.audience = 'complainant'
        ORDER BY named.place DESC
        LIMIT 1
    )
    UNION ALL
    (
        SELECT n.*, 0 AS place
        FROM notices AS n
        WHERE n.reference = %(reference)s::text AND n.audience = 'complainant' AND n.state = 'sent'
        ORDER BY n.written_at DESC, n.key DESC
        LIMIT 1
    )
    ORDER BY place DESC
    LIMIT 1
) AS meant
WHERE meant.occasion = ANY (%(occasions)s::text[])

-- notice --
-- A notice to a complainant that has gone out, by its key or its Message-ID.
SELECT key, reference, address FROM notices
WHERE
    (key = %(key)s::text OR message_id = %(message_id)s::text)
    AND audience = 'complainant'
    AND state = 'sent'

-- thread --
-- What was written to and fro in a case so far, the oldest first: theirs and ours.
SELECT message_id, theirs, subject FROM (
    SELECT n.message_id, false AS theirs, NULL AS subject, n.sent_at AS at
    FROM notices AS n
    WHERE
        n.reference = %(reference)s::text AND n.audience = 'complainant' AND n.channel = 'email' AND n.state = 'sent'
    UNION ALL
    SELECT m.message_id, true AS theirs, m.subject, m.received_at AS at
    FROM mails AS m
    WHERE
        m.message_id IS NOT NULL
        AND (
            (m.reference = %(reference)s::text AND m.decision NOT IN ('other_sender', 'bounced', 'ignored'))
            OR m.key = (SELECT key FROM intakes WHERE channel = 'email' AND reference = %(reference)s::text)
        )
) AS written
ORDER BY at, message_id

-- set_aside --
INSERT INTO mails_set_aside (key, mailbox, field, problem, remedy, size, raw, received_at, set_aside_at)
VALUES (
    %(key)s::text, %(mailbox)s::text, %(field)s::text, %(problem)s::text, %(remedy)s::text, %(size)s::bigint,
    %(raw)s::bytea, %(received_at)s::timestamptz, %(set_aside_at)s::timestamptz
)
ON CONFLICT (key) DO UPDATE SET
    field = excluded.field, problem = excluded.problem, remedy = excluded.remedy, settled_at = NULL, mail = NULL

-- list_aside --
SELECT key, mailbox, field, problem, remedy, size, received_at, set_aside_at, settled_at, mail
FROM mails_set_aside
WHERE settled_at IS NULL
ORDER BY set_aside_at, key
LIMIT %(limit)s::integer

-- get_aside --
-- By its key or the beginning of it.
SELECT key, mailbox, field, problem, remedy, size, received_at, set_aside_at, settled_at, mail, raw
FROM mails_set_aside
WHERE starts_with(key, %(key)s::text)
ORDER BY key
LIMIT 2

-- settle --
UPDATE mails_set_aside SET settled_at = %(at)s::timestamptz, mail = %(mail)s::text
WHERE key = %(key)s::text AND settled_at IS NULL

-- count_aside --
SELECT count(*) FROM mails_set_aside WHERE settled_at IS NULL
