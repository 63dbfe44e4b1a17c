-- Reviews of what one agent handled, as those of a team, without reading those of all others.
-- depends: 0018.desk_at_size

CREATE INDEX reviews_waiting_handler ON reviews (handler, wanted_at, reference, number) WHERE done IS NULL;
CREATE INDEX reviews_done_handler ON reviews (handler, done_at DESC, reference DESC, number DESC)
WHERE done IS NOT NULL;
