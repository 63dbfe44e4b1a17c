-- Messages to people: written before they are sent, then marked.

-- write --
-- Looked for first: an insert beside a row that is being marked would wait until its mail is sent.
INSERT INTO notices (
    key, duty, reference, audience, recipient, occasion, occurrence, channel, language, address, subject, body,
    message_id, written_at, in_reply_to, refers_to, thread_subject, automatic, survey, decision
)
SELECT
    %(key)s::text, %(duty)s::text, %(reference)s::text, %(audience)s::text, %(recipient)s::text, %(occasion)s::text,
    %(occurrence)s::integer, %(channel)s::text, %(language)s::text, %(address)s::text, %(subject)s::text,
    %(body)s::text, %(message_id)s::text, %(written_at)s::timestamptz,
    %(in_reply_to)s::text, %(refers_to)s::text[], %(thread_subject)s::text, %(automatic)s::boolean,
    %(survey)s::text,
    %(decision)s::integer
WHERE NOT EXISTS (SELECT FROM notices WHERE key = %(key)s::text)
ON CONFLICT (key) DO NOTHING

-- claim --
-- Only one sender at a time; held until its transaction ends, also by its death. No row: another one is at it. With an
-- instant it is marked as sent in the same breath, but for a follow-up, whose person may want none any more. The row is
-- told as it was before: of a code that is sent no words are kept.
WITH claimed AS (
    SELECT
        key, duty, reference, audience, recipient, occasion, occurrence, channel, language, address, subject, body,
        message_id, state, written_at, sent_at, failed_at, problem, in_reply_to, refers_to, thread_subject, automatic,
        survey, decision
    FROM notices
    WHERE key = %(key)s::text
    FOR NO KEY UPDATE SKIP LOCKED
), marked AS (
    UPDATE notices SET
        state = 'sent',
        sent_at = %(at)s::timestamptz,
        problem = NULL,
        body = CASE WHEN notices.occasion = 'contact_code' THEN '' ELSE notices.body END
    FROM claimed
    WHERE notices.key = claimed.key AND claimed.state = 'written' AND claimed.occasion <> 'follow_up'
        AND %(at)s::timestamptz IS NOT NULL
)
SELECT * FROM claimed

-- get --
SELECT
    key, duty, reference, audience, recipient, occasion, occurrence, channel, language, address, subject, body,
    message_id, state, written_at, sent_at, failed_at, problem, in_reply_to, refers_to, thread_subject, automatic, survey,
    decision
FROM notices
WHERE key = %(key)s::text

-- mark_sent --
-- A code is forgotten once it is sent.
UPDATE notices SET
    state = 'sent',
    sent_at = %(at)s::timestamptz,
    problem = NULL,
    body = CASE WHEN occasion = 'contact_code' THEN '' ELSE body END
WHERE key = %(key)s::text AND state = 'written'

-- withhold --
UPDATE notices SET state = 'withheld', survey = 'stopped' WHERE key = %(key)s::text AND state = 'written'

-- mark_failed --
UPDATE notices SET
    state = 'failed',
    failed_at = %(at)s::timestamptz,
    problem = %(problem)s::text,
    body = CASE WHEN occasion = 'contact_code' THEN '' ELSE body END
WHERE key = %(key)s::text AND state = 'written'

-- keys_of_duty --
SELECT key FROM notices WHERE duty = %(duty)s::text ORDER BY key

-- waiting --
-- Messages to agents that nobody else will send again: those of escalations, whose answer must not wait for a channel.
SELECT key FROM notices
WHERE state = 'written' AND audience = 'agent' AND written_at < %(written_before)s::timestamptz
ORDER BY written_at, key
LIMIT %(limit)s::integer

-- codes --
-- Messages with a code that are to go out.
SELECT key FROM notices
WHERE state = 'written' AND occasion = 'contact_code'
ORDER BY written_at, key
LIMIT %(limit)s::integer

-- drop_codes --
-- A code that could not be sent in time is of no use any more.
UPDATE notices SET state = 'failed', failed_at = %(at)s::timestamptz, problem = 'expired', body = ''
WHERE state = 'written' AND occasion = 'contact_code' AND written_at < %(written_before)s::timestamptz

-- fetch --
SELECT
    key, duty, reference, audience, recipient, occasion, occurrence, channel, language, address, subject, body,
    message_id, state, written_at, sent_at, failed_at, problem, in_reply_to, refers_to, thread_subject, automatic, survey,
    decision
FROM notices
WHERE reference = %(reference)s::text
ORDER BY written_at, key
