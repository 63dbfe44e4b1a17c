-- A word among all that has ended: found by the index of words, whatever the planner thinks of it.
-- depends: 0021.records_set_aside

-- Statistics know the few thousand commonest words. Of all others the planner thinks that one case in two hundred has
-- them, and walks through all cases in the order of their end to find the first page: seconds, for a word that one case
-- has. Here it may only ask the index.
CREATE FUNCTION ended_with(query tsquery) RETURNS TABLE (
    reference text, closed_at timestamptz, owner text, team text, severity text, category text, channel text,
    reopening_requested_at timestamptz
) LANGUAGE sql STABLE PARALLEL SAFE SET enable_seqscan = off SET enable_indexscan = off AS $$
    SELECT c.reference, c.closed_at, c.owner, c.team, c.severity, c.category, c.channel, c.reopening_requested_at
    FROM complaints AS c
    WHERE NOT c.is_open AND c.closed_at IS NOT NULL AND c.search @@ query
$$;
