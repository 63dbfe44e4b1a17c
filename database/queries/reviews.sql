-- Evaluation: scores of closings, closings that wait for a reviewer, evaluations and answers, means by agent and team.

-- add_scores --
INSERT INTO case_scores (reference, number, closed_at, handler, team, speed, solution, communication)
VALUES (
    %(reference)s::text, %(number)s::integer, %(closed_at)s::timestamptz, %(handler)s::text, %(team)s::text,
    %(speed)s::float8, %(solution)s::float8, %(communication)s::float8
)
ON CONFLICT (reference, number) DO NOTHING

-- want --
INSERT INTO reviews (reference, number, sequence, wanted_at, causes, handler, team, severity)
VALUES (
    %(reference)s::text, %(number)s::integer, %(sequence)s::integer, %(at)s::timestamptz, %(causes)s::text[],
    %(handler)s::text, %(team)s::text, %(severity)s::text
)
ON CONFLICT (reference, number) DO NOTHING

-- done --
UPDATE reviews SET done = %(sequence)s::integer, done_at = %(at)s::timestamptz
WHERE reference = %(reference)s::text AND number = %(number)s::integer
  AND (done IS NULL OR done < %(sequence)s::integer)

-- add_answer --
INSERT INTO evaluation_answers (reference, sequence, at, actor_id, evaluation, words)
VALUES (
    %(reference)s::text, %(sequence)s::integer, %(at)s::timestamptz, %(actor_id)s::text, %(evaluation)s::integer,
    %(words)s::text
)
ON CONFLICT (reference, sequence) DO NOTHING

-- waiting --
-- What waits for a reviewer, the oldest first.
SELECT
    r.reference, r.number, r.wanted_at, r.causes, r.handler, r.team, r.severity, r.done, r.done_at,
    s.speed, s.solution, s.communication, c.category
FROM reviews AS r
LEFT JOIN case_scores AS s ON s.reference = r.reference AND s.number = r.number
LEFT JOIN complaints AS c ON c.reference = r.reference
WHERE r.done IS NULL
  AND (%(teams)s::text[] IS NULL OR r.team = ANY (%(teams)s::text[]))
  AND (%(team)s::text IS NULL OR r.team = %(team)s::text)
  AND (%(cause)s::text IS NULL OR %(cause)s::text = ANY (r.causes))
  AND (%(handler)s::text IS NULL OR r.handler = %(handler)s::text)
  AND (
      %(reference)s::text IS NULL
      OR (r.wanted_at, r.reference, r.number)
      > (%(at)s::timestamptz, %(reference)s::text, %(number)s::integer)
  )
ORDER BY r.wanted_at, r.reference, r.number
LIMIT %(limit)s::integer

-- reviewed --
-- What was reviewed, the latest first.
SELECT
    r.reference, r.number, r.wanted_at, r.causes, r.handler, r.team, r.severity, r.done, r.done_at,
    s.speed, s.solution, s.communication, c.category
FROM reviews AS r
LEFT JOIN case_scores AS s ON s.reference = r.reference AND s.number = r.number
LEFT JOIN complaints AS c ON c.reference = r.reference
WHERE r.done IS NOT NULL
  AND (%(teams)s::text[] IS NULL OR r.team = ANY (%(teams)s::text[]))
  AND (%(team)s::text IS NULL OR r.team = %(team)s::text)
  AND (%(cause)s::text IS NULL OR %(cause)s::text = ANY (r.causes))
  AND (%(handler)s::text IS NULL OR r.handler = %(handler)s::text)
  AND (
      %(reference)s::text IS NULL
      OR (r.done_at, r.reference, r.number)
      < (%(at)s::timestamptz, %(reference)s::text, %(number)s::integer)
  )
ORDER BY r.done_at DESC, r.reference DESC, r.number DESC
LIMIT %(limit)s::integer

-- one --
-- A closing, whether or not it was put before a reviewer.
SELECT
    s.reference, s.number, coalesce(r.wanted_at, s.closed_at) AS wanted_at, coalesce(r.causes, '{}') AS causes,
    s.handler, s.team, coalesce(r.severity, c.severity) AS severity, r.done, r.done_at,
    s.speed, s.solution, s.communication, c.category
FROM case_scores AS s
LEFT JOIN reviews AS r ON r.reference = s.reference AND r.number = s.number
LEFT JOIN complaints AS c ON c.reference = s.reference
WHERE s.reference = %(reference)s::text AND s.number = %(number)s::integer

-- worked --
-- Whether somebody has worked on a case, by its entries.
SELECT EXISTS (
    SELECT FROM timeline
    WHERE reference = %(reference)s::text AND actor_id = %(actor_id)s::text AND kind = ANY (%(kinds)s::text[])
)

-- judged --
-- The evaluation that counts of each closing of some cases, with what was answered to it.
SELECT DISTINCT ON (e.reference, e.number)
    e.reference, e.number, e.sequence, e.at, e.actor_id AS reviewer, e.speed, e.solution, e.communication, e.note,
    e.coaching, a.at AS answered_at, a.words AS answer
FROM evaluations AS e
LEFT JOIN evaluation_answers AS a ON a.reference = e.reference AND a.evaluation = e.sequence
WHERE e.reference = ANY (%(references)s::text[]) AND e.number IS NOT NULL
ORDER BY e.reference, e.number, e.sequence DESC

-- mine --
-- The closings of somebody's handling, the latest first.
SELECT s.reference, s.number, s.closed_at, s.handler, s.team, s.speed, s.solution, s.communication
FROM case_scores AS s
WHERE s.handler = %(handler)s::text
  AND (
      %(reference)s::text IS NULL
      OR (s.closed_at, s.reference, s.number)
      < (%(at)s::timestamptz, %(reference)s::text, %(number)s::integer)
  )
ORDER BY s.closed_at DESC, s.reference DESC, s.number DESC
LIMIT %(limit)s::integer

-- derivations --
-- What led to the scores of some closings.
SELECT reference, number, record -> 'scores' AS scores
FROM closure_records
WHERE reference = ANY (%(references)s::text[])

-- means --
-- Mean scores by agent and by team of the closings in [closed_from, closed_before), of cases received in a span.
WITH counted AS (
    SELECT
        s.handler, s.team, s.speed, s.solution, s.communication, e.reference IS NOT NULL AS reviewed,
        e.speed AS reviewed_speed, e.solution AS reviewed_solution, e.communication AS reviewed_communication
    FROM case_scores AS s
    JOIN complaints AS c ON c.reference = s.reference
    LEFT JOIN LATERAL (
        SELECT e.reference, e.speed, e.solution, e.communication
        FROM evaluations AS e
        WHERE e.reference = s.reference AND e.number = s.number
        ORDER BY e.sequence DESC
        LIMIT 1
    ) AS e ON true
    WHERE (%(received_from)s::timestamptz IS NULL OR c.received_at >= %(received_from)s::timestamptz)
      AND (%(received_before)s::timestamptz IS NULL OR c.received_at < %(received_before)s::timestamptz)
      AND (%(closed_from)s::timestamptz IS NULL OR s.closed_at >= %(closed_from)s::timestamptz)
      AND (%(teams)s::text[] IS NULL OR s.team = ANY (%(teams)s::text[]))
)
SELECT
    CASE WHEN grouping(handler) = 0 THEN 'agent' ELSE 'team' END AS dimension,
    CASE WHEN grouping(handler) = 0 THEN handler ELSE team END AS value,
    count(*) AS closings,
    count(*) FILTER (WHERE reviewed) AS reviewed,
    count(*) < %(few)s::integer AS few,
    round(avg(speed)::numeric, 2)::float8 AS speed,
    round(avg(solution)::numeric, 2)::float8 AS solution,
    round(avg(communication)::numeric, 2)::float8 AS communication,
    count(speed) AS speed_number,
    count(solution) AS solution_number,
    count(communication) AS communication_number,
    round(avg(reviewed_speed)::numeric, 2)::float8 AS reviewed_speed,
    round(avg(reviewed_solution)::numeric, 2)::float8 AS reviewed_solution,
    round(avg(reviewed_communication)::numeric, 2)::float8 AS reviewed_communication
FROM counted
GROUP BY GROUPING SETS ((handler), (team))
HAVING (grouping(handler) = 1 OR handler IS NOT NULL) AND (grouping(team) = 1 OR team IS NOT NULL)
ORDER BY dimension, closings DESC, value
