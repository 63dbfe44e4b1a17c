-- The desk with a million cases: load from an index alone, search among open cases apart from all others.
-- depends: 0017.reopening_requests

-- Load by team and by handler, without a look at the complaints themselves.
CREATE INDEX complaints_load ON complaints (owner) INCLUDE (team, status, next_due_at, breached, awaiting_approval)
WHERE is_open;

-- A word that is in some thousand cases is in a hundred of the open ones.
CREATE INDEX complaints_search_open ON complaints USING gin (search) WHERE is_open;

-- What somebody has closed, the last one first.
CREATE INDEX complaints_ended_owner ON complaints (owner, closed_at DESC, reference DESC)
WHERE NOT is_open AND closed_at IS NOT NULL;

-- Open cases are a few of all rows and nearly all that changes: a fifth of the table is far too late to tidy up, and the
-- planner's idea of the open ones would be an old one.
ALTER TABLE complaints SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
ALTER TABLE clocks SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
