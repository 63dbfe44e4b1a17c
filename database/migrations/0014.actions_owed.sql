-- What becomes of what is owed: taken back, confirmed or denied by the complainant, judged by its effect.
-- depends: 0013.past_records

ALTER TABLE actions
    ADD COLUMN cancelled_at timestamptz,
    ADD COLUMN asked text, -- key of the notice that asked the complainant whether a promise is kept
    ADD COLUMN answer text, -- confirmed, denied, not_answered; null: never asked
    ADD COLUMN answered_at timestamptz,
    ADD COLUMN effective boolean,
    ADD COLUMN of_number integer; -- of a review: the measure that it asks about

DROP INDEX actions_owed;
CREATE INDEX actions_owed ON actions (owner, due_at) WHERE completed_at IS NULL AND cancelled_at IS NULL;

ALTER TABLE root_causes
    ADD COLUMN actions integer[] NOT NULL DEFAULT '{}', -- numbers of its measures
    ADD COLUMN weak_ends jsonb NOT NULL DEFAULT '[]';
