-- Codes that prove a contact: only their hashes, and what bounds guessing and sending.
-- depends: 0005.links

CREATE TABLE contact_codes (
    reference text NOT NULL,
    number integer NOT NULL,
    channel text NOT NULL,
    salt bytea NOT NULL,
    code bytea NOT NULL, -- scrypt of the code and the address it was sent to
    made_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    proven_at timestamptz,
    PRIMARY KEY (reference, number)
);

-- Messages with a code, which are to go out at once.
CREATE INDEX notices_codes ON notices (written_at) WHERE state = 'written' AND occasion = 'contact_code';
