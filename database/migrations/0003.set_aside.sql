-- What an operator set aside when PostgreSQL knew more of a case than its restored workflow does: kept, and used no more.
-- depends: 0002.people

CREATE TABLE set_aside (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reference text NOT NULL,
    at timestamptz NOT NULL,
    part text NOT NULL, -- the table it stood in
    content json NOT NULL
);

CREATE INDEX set_aside_reference ON set_aside (reference, id);
