-- Revoked links: a link signed with an older generation than this opens nothing any more.
-- depends: 0004.attachments

CREATE TABLE link_generations (
    reference text PRIMARY KEY,
    generation integer NOT NULL,
    revoked_at timestamptz NOT NULL
);
