-- Past complaints as a what-if plays them: dates, kind and the first response; no text, no name.

-- fetch --
-- A page in order of receipt, after the one given.
SELECT
    complaints.reference, complaints.received_at, coalesce(complaints.decided_at, complaints.closed_at) AS decided_at,
    clocks.ended_at AS first_response_at, complaints.channel, complaints.category, complaints.severity
FROM complaints
LEFT JOIN clocks
    ON clocks.reference = complaints.reference AND clocks.metric = 'first_response' AND clocks.occurrence = 1
    AND clocks.state = 'met'
WHERE
    (complaints.received_at, complaints.reference) > (
        coalesce(%(after_received)s::timestamptz, '-infinity'), coalesce(%(after)s::text, '')
    )
ORDER BY complaints.received_at, complaints.reference
LIMIT %(limit)s::integer
