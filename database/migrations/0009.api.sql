-- Keys of the services that use the HTTP interface, what they have sent, and how much of it.
-- depends: 0008.mails

CREATE TABLE api_keys (
    id text PRIMARY KEY,
    service text NOT NULL,
    scopes text[] NOT NULL,
    companies text[], -- NULL: all of them
    per_minute integer NOT NULL,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz, -- to the minute
    revoked_at timestamptz
);

-- While a secret is rotated a key has two.
CREATE TABLE api_secrets (
    key_id text NOT NULL REFERENCES api_keys (id),
    digest bytea NOT NULL, -- SHA-256 of 256 random bits: docs/decisions: keys of services
    created_at timestamptz NOT NULL,
    expires_at timestamptz, -- NULL: until the key is revoked
    PRIMARY KEY (key_id, digest)
);

-- Who has sent which file: only that service may name it in a message.
CREATE TABLE api_uploads (
    key_id text NOT NULL REFERENCES api_keys (id),
    sha256 text NOT NULL REFERENCES attachments (sha256),
    name text NOT NULL,
    uploaded_at timestamptz NOT NULL,
    PRIMARY KEY (key_id, sha256)
);

-- What came under a message's key, to tell a repetition from another message.
CREATE TABLE api_messages (
    reference text NOT NULL,
    key text NOT NULL,
    digest text NOT NULL,
    sent_at timestamptz NOT NULL,
    PRIMARY KEY (reference, key)
);

-- Whose the case is, known before its first record: a key of one company sees no case of another.
ALTER TABLE intakes ADD COLUMN company text;

-- Until when a bucket's allowance is used up. Nothing here need survive a crash of the server.
CREATE UNLOGGED TABLE rate_limits (
    bucket text PRIMARY KEY,
    used_until timestamptz NOT NULL
) WITH (fillfactor = 50);
