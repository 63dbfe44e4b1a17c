-- The metrics of `tuntas report`, of the complaints received in [received_from, received_before). Imported history is left
-- out: nobody here answered, decided or asked.

-- totals --
-- Received, open, closed; satisfied and answered among the closed; decisions carried out; where cases went.
SELECT
    count(*) AS received,
    count(*) FILTER (WHERE c.is_open) AS open,
    count(*) FILTER (WHERE NOT c.is_open) AS closed,
    count(*) FILTER (WHERE NOT c.is_open AND c.satisfied IS NOT NULL) AS answered,
    count(*) FILTER (WHERE NOT c.is_open AND c.satisfied) AS satisfied,
    count(*) FILTER (WHERE NOT c.is_open AND c.decided_at IS NOT NULL) AS decided,
    count(*) FILTER (
        WHERE NOT c.is_open AND c.decided_at IS NOT NULL
          AND NOT EXISTS (
              SELECT FROM actions AS a
              WHERE a.reference = c.reference AND a.kind = 'promise' AND a.completed_at IS NULL
                AND a.cancelled_at IS NULL
          )
    ) AS carried_out,
    count(*) FILTER (WHERE c.reopenings > 0) AS reopened,
    count(*) FILTER (WHERE c.disputes > 0) AS disputed,
    count(*) FILTER (
        WHERE EXISTS (SELECT FROM timeline AS t WHERE t.reference = c.reference AND t.kind = 'escalated')
    ) AS escalated,
    count(*) FILTER (WHERE c.transfers > 0) AS transferred
FROM complaints AS c
WHERE (%(received_from)s::timestamptz IS NULL OR c.received_at >= %(received_from)s::timestamptz)
  AND (%(received_before)s::timestamptz IS NULL OR c.received_at < %(received_before)s::timestamptz)
  AND NOT c.imported

-- promises --
-- What was promised to complainants, and what they say to it. Nothing said is counted as such, never as a yes.
SELECT
    count(*) AS made,
    count(*) FILTER (WHERE a.completed_at IS NULL AND a.cancelled_at IS NULL) AS open,
    count(*) FILTER (WHERE a.completed_at IS NOT NULL) AS done,
    count(*) FILTER (WHERE a.cancelled_at IS NOT NULL) AS cancelled,
    count(*) FILTER (WHERE a.answer = 'confirmed') AS confirmed,
    count(*) FILTER (WHERE a.answer = 'denied') AS denied,
    count(*) FILTER (WHERE a.answer = 'not_answered') AS not_answered
FROM actions AS a JOIN complaints AS c ON c.reference = a.reference
WHERE a.kind = 'promise'
  AND (%(received_from)s::timestamptz IS NULL OR c.received_at >= %(received_from)s::timestamptz)
  AND (%(received_before)s::timestamptz IS NULL OR c.received_at < %(received_before)s::timestamptz)
  AND NOT c.imported

-- first_response --
-- In elapsed hours: what the complainant lived through, nights and holidays included.
SELECT
    count(*) AS number,
    avg(extract(epoch FROM k.ended_at - k.started_at) / 3600)::float8 AS mean_hours,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM k.ended_at - k.started_at) / 3600) AS median_hours
FROM clocks AS k JOIN complaints AS c ON c.reference = k.reference
WHERE k.metric = 'first_response' AND k.state = 'met'
  AND (%(received_from)s::timestamptz IS NULL OR c.received_at >= %(received_from)s::timestamptz)
  AND (%(received_before)s::timestamptz IS NULL OR c.received_at < %(received_before)s::timestamptz)
  AND NOT c.imported

-- durations --
-- In the clocks' own time, pauses and closed hours left out.
SELECT
    k.metric,
    count(*) AS number,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY k.elapsed_seconds::float8) AS median_seconds,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY k.elapsed_seconds::float8) AS p90_seconds
FROM clocks AS k JOIN complaints AS c ON c.reference = k.reference
WHERE k.metric IN ('first_response', 'resolution') AND k.state = 'met'
  AND (%(received_from)s::timestamptz IS NULL OR c.received_at >= %(received_from)s::timestamptz)
  AND (%(received_before)s::timestamptz IS NULL OR c.received_at < %(received_before)s::timestamptz)
  AND NOT c.imported
GROUP BY k.metric
ORDER BY k.metric

-- clocks --
-- Late is late, whenever it was met; open and late counts as missed; lapsed and cancelled ones are no promise of ours.
WITH counted AS (
    SELECT
        k.metric,
        k.state,
        k.met_by,
        k.breached_at IS NOT NULL OR (k.state = 'running' AND k.due_at < %(now)s::timestamptz) AS missed
    FROM clocks AS k JOIN complaints AS c ON c.reference = k.reference
    WHERE k.on_due IN ('breach', 'send', 'convert')
      AND (
          k.state IN ('running', 'paused', 'met')
          OR (k.metric = 'action' AND k.state = 'cancelled' AND k.breached_at IS NOT NULL) -- a new date, once late
      )
      AND (%(received_from)s::timestamptz IS NULL OR c.received_at >= %(received_from)s::timestamptz)
      AND (%(received_before)s::timestamptz IS NULL OR c.received_at < %(received_before)s::timestamptz)
      AND NOT c.imported
)
SELECT
    metric,
    count(*) FILTER (WHERE state = 'met' AND NOT missed) AS met,
    count(*) FILTER (WHERE missed) AS missed,
    count(*) FILTER (WHERE state <> 'met' AND NOT missed) AS running,
    count(*) FILTER (WHERE state = 'met' AND NOT missed AND met_by = 'person') AS met_by_person,
    count(*) FILTER (WHERE state = 'met' AND NOT missed AND met_by = 'automatic') AS met_automatically
FROM counted
GROUP BY metric
ORDER BY metric

-- groups --
-- The same cases by category, channel and tier.
WITH counted AS (
    SELECT
        c.reference, c.category, c.channel, c.tier, c.is_open, c.satisfied,
        (
            SELECT extract(epoch FROM k.ended_at - k.started_at)::float8 / 3600
            FROM clocks AS k
            WHERE k.reference = c.reference AND k.metric = 'first_response' AND k.occurrence = 1 AND k.state = 'met'
        ) AS first_response_hours,
        EXISTS (
            SELECT FROM clocks AS k
            WHERE k.reference = c.reference AND k.on_due = 'breach' AND k.state IN ('running', 'paused', 'met')
              AND (k.breached_at IS NOT NULL OR (k.state = 'running' AND k.due_at < %(now)s::timestamptz))
        ) AS late
    FROM complaints AS c
    WHERE (%(received_from)s::timestamptz IS NULL OR c.received_at >= %(received_from)s::timestamptz)
      AND (%(received_before)s::timestamptz IS NULL OR c.received_at < %(received_before)s::timestamptz)
      AND NOT c.imported
)
SELECT
    CASE WHEN grouping(category) = 0 THEN 'category' WHEN grouping(channel) = 0 THEN 'channel' ELSE 'tier' END
        AS dimension,
    CASE WHEN grouping(category) = 0 THEN category WHEN grouping(channel) = 0 THEN channel ELSE tier END AS value,
    count(*) AS received,
    count(*) FILTER (WHERE is_open) AS open,
    count(*) FILTER (WHERE NOT is_open) AS closed,
    count(*) FILTER (WHERE NOT is_open AND satisfied) AS satisfied,
    count(*) FILTER (WHERE late) AS late,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY first_response_hours) AS median_first_response_hours
FROM counted
GROUP BY GROUPING SETS ((category), (channel), (tier))
ORDER BY dimension, received DESC, value

-- surveys --
-- Cases that were asked after closing, or that answered; by what they have in common. `all` comes first, and is there
-- also when there is none.
WITH told AS (
    SELECT DISTINCT reference, true AS asked FROM notices WHERE survey = 'asked' AND state = 'sent'
),
said AS (
    SELECT
        reference,
        count(outcome) AS outcomes, count(*) FILTER (WHERE outcome >= 4) AS outcomes_good,
        count(handling) AS handlings, count(*) FILTER (WHERE handling >= 4) AS handlings_good,
        count(effort) AS efforts, sum(effort) AS effort, count(*) FILTER (WHERE NOT solved) AS back
    FROM surveys
    GROUP BY reference
),
counted AS (
    SELECT
        c.category, c.channel, c.team, c.owner, told.asked, said.*
    FROM told FULL JOIN said USING (reference)
    JOIN complaints AS c ON c.reference = coalesce(told.reference, said.reference)
    WHERE (%(received_from)s::timestamptz IS NULL OR c.received_at >= %(received_from)s::timestamptz)
      AND (%(received_before)s::timestamptz IS NULL OR c.received_at < %(received_before)s::timestamptz)
)
SELECT
    CASE
        WHEN grouping(category) = 0 THEN 'category' WHEN grouping(channel) = 0 THEN 'channel'
        WHEN grouping(team) = 0 THEN 'team' WHEN grouping(owner) = 0 THEN 'owner' ELSE 'all'
    END AS dimension,
    CASE
        WHEN grouping(category) = 0 THEN category WHEN grouping(channel) = 0 THEN channel
        WHEN grouping(team) = 0 THEN team WHEN grouping(owner) = 0 THEN owner
    END AS value,
    count(asked) AS asked,
    count(*) FILTER (WHERE asked AND reference IS NOT NULL) AS answered,
    coalesce(sum(outcomes), 0)::integer AS outcome_number,
    coalesce(sum(outcomes_good), 0)::integer AS outcome_satisfied,
    coalesce(sum(handlings), 0)::integer AS handling_number,
    coalesce(sum(handlings_good), 0)::integer AS handling_satisfied,
    coalesce(sum(efforts), 0)::integer AS effort_number,
    round(sum(effort) / nullif(sum(efforts), 0), 2)::float8 AS effort_mean,
    coalesce(sum(back), 0)::integer AS came_back
FROM counted
GROUP BY GROUPING SETS ((), (category), (channel), (team), (owner))
ORDER BY
    grouping(category, channel, team, owner) = 15 DESC, dimension, asked DESC, value
