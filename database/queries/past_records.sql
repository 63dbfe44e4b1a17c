-- Past records as a reference: closure records that are like a case, and those that hold given words.

-- terms --
-- What a text is searched by: its words as the records hold them, and in what share of all records each was when they
-- were last counted by ANALYZE (NULL: rarer than `rarest`).
WITH counted AS (
    SELECT told.lexeme, told.share
    FROM pg_stats AS s
    CROSS JOIN LATERAL unnest(s.most_common_elems::text::text[], s.most_common_elem_freqs) AS told (lexeme, share)
    WHERE s.schemaname = current_schema() AND s.tablename = 'past_records' AND s.attname = 'words'
      AND told.lexeme IS NOT NULL
)
SELECT given.lexeme, c.share, (SELECT min(share) FROM counted) AS rarest,
    (SELECT greatest(reltuples, 0) FROM pg_class WHERE oid = 'past_records'::regclass)::integer AS records
FROM unnest(tsvector_to_array(
    to_tsvector('indonesian', %(text)s::text) || to_tsvector('english', %(text)s::text)
)) AS given (lexeme)
LEFT JOIN counted AS c USING (lexeme)

-- weeks --
-- The first and the last week in which a case was closed.
SELECT past_week(min(closed_at)) AS first, past_week(max(closed_at)) AS last FROM past_records

-- alike --
-- Records with some of the words, those of the same category first, then by how much of what was asked they hold: words
-- count by how rare they are. Candidates are counted by the index alone; the words of the best of them are read.
WITH scanned AS (
    SELECT p.reference, p.category IS NOT DISTINCT FROM %(category)s::text AS same_category, sum(term.weight) AS weight
    FROM unnest(%(scanned)s::text[]::tsquery[], %(scanned_weights)s::real[]) AS term (word, weight)
    CROSS JOIN LATERAL (
        -- OFFSET keeps the words in the index and everything else out of it: the planner would read all records of a team.
        SELECT p.reference, p.category, p.team, p.owner, p.company, p.latest, p.reason
        FROM past_records AS p
        WHERE p.words @@ term.word AND (%(weeks)s::text[] IS NULL OR p.marks && %(weeks)s::text[])
        OFFSET 0
    ) AS p
    WHERE p.latest AND p.reason <> 'duplicate'
      AND (%(teams)s::text[] IS NULL OR p.team = ANY (%(teams)s::text[]) OR p.owner = %(me)s::text)
      AND (%(companies)s::text[] IS NULL OR p.company = ANY (%(companies)s::text[]))
      AND p.reference IS DISTINCT FROM %(reference)s::text
    GROUP BY p.reference, p.category
),
best AS (
    SELECT reference, same_category FROM scanned
    ORDER BY same_category DESC, weight DESC, reference LIMIT %(candidates)s::integer
),
compared AS (
    SELECT p.reference, p.number, p.closed_at, best.same_category, sum(term.weight) / %(whole)s::real AS likeness
    FROM best
    JOIN past_records AS p ON p.reference = best.reference AND p.latest
    CROSS JOIN LATERAL unnest(tsvector_to_array(p.words)) AS held (lexeme)
    JOIN unnest(%(lexemes)s::text[], %(weights)s::real[]) AS term (lexeme, weight) USING (lexeme)
    GROUP BY p.reference, p.number, p.closed_at, best.same_category
)
SELECT reference, number, closed_at, same_category, round(likeness::numeric, 3)::double precision AS likeness
FROM compared
WHERE likeness >= %(least)s::real
ORDER BY same_category DESC, likeness DESC, closed_at DESC, reference
LIMIT %(limit)s::integer

-- sought --
-- What somebody typed, as the index is asked; `indexable` is empty if it has no word, and T if it only excludes some.
SELECT sought::text AS query, querytree(sought) AS indexable
FROM (
    SELECT websearch_to_tsquery('indonesian', %(words)s::text) || websearch_to_tsquery('english', %(words)s::text)
        || websearch_to_tsquery('simple', %(words)s::text) AS sought
) AS typed

-- page --
-- Records that hold all the words, the last closed first, within some weeks. What the index answers comes first, whole.
WITH held AS MATERIALIZED (
    SELECT p.reference, p.number, p.closed_at
    FROM past_records AS p
    WHERE p.marks && %(weeks)s::text[]
      AND (%(sought)s::text IS NULL OR p.words @@ %(sought)s::text::tsquery)
      AND (%(marks)s::text[] IS NULL OR p.marks @> %(marks)s::text[])
      AND (%(visible)s::text[] IS NULL OR p.marks && %(visible)s::text[])
      AND (%(companies)s::text[] IS NULL OR p.marks && %(companies)s::text[])
)
SELECT reference, number, closed_at FROM held
WHERE (%(closed_from)s::timestamptz IS NULL OR closed_at >= %(closed_from)s::timestamptz)
  AND (%(closed_before)s::timestamptz IS NULL OR closed_at < %(closed_before)s::timestamptz)
  AND (
      %(after)s::text IS NULL
      OR (closed_at, reference, number) < (%(after_at)s::timestamptz, %(after)s::text, %(after_number)s::integer)
  )
ORDER BY closed_at DESC, reference DESC, number DESC
LIMIT %(limit)s::integer

-- details --
-- What is shown of records, and where it has the words: marked with the characters 2 and 3, which are taken out before.
SELECT
    r.reference, r.number, r.closed_at, r.reason, r.record ->> 'category' AS category,
    r.record ->> 'outcome' AS outcome, r.record -> 'remedies' AS remedies, r.record ->> 'currency' AS currency,
    r.record -> 'root_cause' ->> 'category' AS cause_category, left(r.record -> 'root_cause' ->> 'cause', 500) AS cause,
    (r.record ->> 'satisfied')::boolean AS satisfied, (r.record ->> 'rating')::integer AS rating,
    coalesce(c.is_open, false) AS open_again, NOT p.latest AS superseded, c.language,
    CASE WHEN strpos(indonesian.told, chr(2)) > 0 THEN indonesian.told ELSE english.told END AS excerpt
FROM unnest(%(references)s::text[], %(numbers)s::integer[]) WITH ORDINALITY AS wanted (reference, number, place)
JOIN closure_records AS r USING (reference, number)
JOIN past_records AS p USING (reference, number)
LEFT JOIN complaints AS c ON c.reference = r.reference
CROSS JOIN LATERAL (
    SELECT
        translate(past_text(r.record), chr(2) || chr(3), '') AS told, %(sought)s::text::tsquery AS sought,
        'MaxFragments=2, MaxWords=22, MinWords=8, FragmentDelimiter=" … ", StartSel=' || chr(2) || ', StopSel=' || chr(3) AS manner
) AS text
CROSS JOIN LATERAL (SELECT ts_headline('indonesian', text.told, text.sought, text.manner) AS told) AS indonesian
CROSS JOIN LATERAL (SELECT ts_headline('english', text.told, text.sought, text.manner) AS told) AS english
ORDER BY wanted.place
