-- Complaints that may be the same matter as a given one: by the same complainant, or in nearly the same words.

-- possible --
-- Candidates come from the two indexes of `likeness`, the latest ones first and boundedly many; how much they are alike
-- is the share of trigrams they have in common. A case that is merged or closed as duplicate is none: its survivor is.
WITH asked AS MATERIALIZED (
    -- Once: a plan for all parameters would else compute them for each row that it looks at.
    SELECT people_keys(
            %(email)s::text, %(phone)s::text,
            CASE WHEN %(email)s::text IS NULL AND %(phone)s::text IS NULL THEN %(name)s::text END
        ) AS people,
        CASE WHEN length(%(words)s::text) >= %(shortest)s::integer THEN text_sketch(%(words)s::text) END AS sketch
),
by_the_same AS (
    SELECT l.reference, true AS same_complainant
    FROM likeness AS l
    WHERE l.people && (SELECT people FROM asked)
      AND l.received_at BETWEEN %(since)s::timestamptz AND %(until)s::timestamptz
      AND l.company IS NOT DISTINCT FROM %(company)s::text
    ORDER BY l.received_at DESC LIMIT 50
),
by_anybody AS (
    -- Texts that are nearly the same share most of the eight numbers; one is shared now and then by a common sentence.
    SELECT l.reference, false AS same_complainant
    FROM likeness AS l
    CROSS JOIN LATERAL (
        SELECT count(*) AS bands FROM unnest(l.sketch) AS band WHERE band = ANY ((SELECT sketch FROM asked)::integer[])
    ) AS shared
    WHERE l.sketch && (SELECT sketch FROM asked)
      AND l.received_at BETWEEN %(since)s::timestamptz AND %(until)s::timestamptz
      AND l.company IS NOT DISTINCT FROM %(company)s::text
      AND shared.bands >= 2
    ORDER BY shared.bands DESC, l.received_at DESC LIMIT 20
),
candidates AS (
    SELECT reference, bool_or(same_complainant) AS same_complainant
    FROM (SELECT * FROM by_the_same UNION ALL SELECT * FROM by_anybody) AS found
    GROUP BY reference
),
compared AS (
    SELECT c.reference, c.status, c.received_at, found.same_complainant,
           similarity(left(c.problem, 2000), left(%(words)s::text, 2000)) AS similarity
    FROM candidates AS found
    JOIN complaints AS c USING (reference)
    WHERE c.problem IS NOT NULL
      AND c.reference IS DISTINCT FROM %(reference)s::text
      AND c.closing_reason IS DISTINCT FROM 'duplicate'
)
SELECT reference, round(similarity::numeric, 3)::double precision AS similarity, status, received_at, same_complainant
FROM compared
WHERE similarity >= CASE WHEN same_complainant THEN %(similar)s::real ELSE %(identical)s::real END
ORDER BY same_complainant DESC, similarity DESC, received_at DESC, reference
LIMIT %(limit)s::integer
