-- Which generation of links still opens a case.

-- generation --
SELECT generation FROM link_generations WHERE reference = %(reference)s::text

-- revoke --
INSERT INTO link_generations (reference, generation, revoked_at)
VALUES (%(reference)s::text, 1, %(at)s::timestamptz)
ON CONFLICT (reference) DO UPDATE SET
    generation = link_generations.generation + 1,
    revoked_at = excluded.revoked_at
