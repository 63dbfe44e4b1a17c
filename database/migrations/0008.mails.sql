-- Mails that came in: each once, as it came, before anything follows from it; and those that were set aside.
-- What a notice answers is kept with it, so that a repeated mail is the same mail.
-- depends: 0007.duplicates

CREATE TABLE mails (
    key text PRIMARY KEY,
    mailbox text NOT NULL,
    message_id text,
    sender text,
    subject text,
    kind text NOT NULL,
    decision text, -- what is to be done with it; decided once
    matched_by text,
    reference text,
    outcome text, -- what was done with it
    received_at timestamptz NOT NULL,
    read_at timestamptz NOT NULL,
    done_at timestamptz,
    raw bytea NOT NULL
);

CREATE INDEX mails_message_id ON mails (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX mails_reference ON mails (reference, received_at) WHERE reference IS NOT NULL;
CREATE INDEX mails_read ON mails (read_at DESC, key);

CREATE TABLE mails_set_aside (
    key text PRIMARY KEY, -- the digest of its bytes
    mailbox text NOT NULL,
    field text NOT NULL,
    problem text NOT NULL,
    remedy text NOT NULL,
    size bigint NOT NULL,
    raw bytea NOT NULL, -- of a mail that is too large only the beginning
    received_at timestamptz NOT NULL,
    set_aside_at timestamptz NOT NULL,
    settled_at timestamptz,
    mail text -- the mail that came of it after all
);

CREATE INDEX mails_set_aside_open ON mails_set_aside (set_aside_at) WHERE settled_at IS NULL;

ALTER TABLE notices ADD COLUMN in_reply_to text;
ALTER TABLE notices ADD COLUMN refers_to text[] NOT NULL DEFAULT '{}';
ALTER TABLE notices ADD COLUMN thread_subject text;
ALTER TABLE notices ADD COLUMN automatic boolean NOT NULL DEFAULT true;
