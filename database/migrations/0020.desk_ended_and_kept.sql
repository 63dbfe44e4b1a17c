-- What has ended, narrowed by several things at once: an index that says itself which rows fit. And kept forms by key.
-- depends: 0019.reviews_by_handler

-- In the order of the list, what it may be narrowed to behind it: hundreds of entries are passed over without a look at
-- their rows, where before each row was fetched, or every complaint of a channel and of a category.
CREATE INDEX complaints_ended_narrowed ON complaints (
    closed_at DESC, reference DESC, severity, category, channel, team
)
WHERE NOT is_open AND closed_at IS NOT NULL;
DROP INDEX complaints_ended;

-- The key that a form of the desk carries: its draft and itself, coming at once, are one thing that was typed.
ALTER TABLE kept_forms ADD COLUMN key text;
CREATE UNIQUE INDEX kept_forms_key ON kept_forms (account, key) WHERE key IS NOT NULL;
