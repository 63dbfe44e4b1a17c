-- Files that came with messages: the bytes once, by their digest, outside Temporal; and which cases they belong to.
-- depends: 0003.set_aside

CREATE TABLE attachments (
    sha256 text PRIMARY KEY,
    media_type text NOT NULL,
    size integer NOT NULL,
    content bytea NOT NULL,
    stored_at timestamptz NOT NULL
);

-- Already compressed, nearly all of them.
ALTER TABLE attachments ALTER COLUMN content SET STORAGE EXTERNAL;

CREATE TABLE case_attachments (
    reference text NOT NULL,
    sha256 text NOT NULL REFERENCES attachments (sha256),
    name text NOT NULL, -- as the sender called it, made safe
    added_at timestamptz NOT NULL,
    PRIMARY KEY (reference, sha256)
);
