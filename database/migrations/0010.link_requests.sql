-- People who asked for the link of their case again: what they gave is kept until they were answered, and no longer.
-- depends: 0009.api

CREATE TABLE link_requests (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    address text, -- whoever asks names an address, in lower case: one that no case has is answered by silence
    reference text, -- or a case, whose old links were revoked
    language text NOT NULL,
    requested_at timestamptz NOT NULL,
    CHECK ((address IS NULL) <> (reference IS NULL))
);

-- The cases of an address.
CREATE INDEX complaints_contact_email ON complaints (lower(contact_email), received_at DESC);
