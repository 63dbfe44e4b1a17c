-- The desk: full-text search in both languages, indexes of its queues, drafts, and word of what has changed.
-- depends: 0011.accounts

-- Erased with what it was made from: a generated column.
ALTER TABLE complaints ADD COLUMN search tsvector GENERATED ALWAYS AS (
    to_tsvector('indonesian', coalesce(subject, '') || ' ' || coalesce(problem, '') || ' ' || coalesce(remedy_sought, ''))
    || to_tsvector('english', coalesce(subject, '') || ' ' || coalesce(problem, '') || ' ' || coalesce(remedy_sought, ''))
    || to_tsvector(
        'simple',
        coalesce(contact_name, '') || ' ' || coalesce(contact_email, '') || ' ' || coalesce(contact_phone, '')
        || ' ' || reference
    )
) STORED;

CREATE INDEX complaints_search ON complaints USING gin (search);
-- Each queue has an index of the cases that are in it, in its order.
CREATE INDEX complaints_open_owner ON complaints (owner, due_order, reference) WHERE is_open;
CREATE INDEX complaints_open_team ON complaints (team, due_order, reference) WHERE is_open;
CREATE INDEX complaints_open_status ON complaints (status, due_order, reference) WHERE is_open;
CREATE INDEX complaints_late ON complaints (due_order, reference) WHERE is_open AND breached <> '{}';
CREATE INDEX complaints_approval ON complaints (due_order, reference) WHERE is_open AND awaiting_approval;
CREATE INDEX complaints_ended ON complaints (closed_at DESC, reference DESC) WHERE NOT is_open AND closed_at IS NOT NULL;
CREATE INDEX complaints_ended_team ON complaints (team, closed_at DESC, reference DESC)
WHERE NOT is_open AND closed_at IS NOT NULL;

-- What somebody has typed and not sent yet.
CREATE TABLE drafts (
    user_id text NOT NULL,
    reference text NOT NULL,
    form text NOT NULL,
    fields jsonb NOT NULL,
    saved_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, reference, form)
);

-- Which case of which team has moved, and how far; nothing that anybody wrote or is called.
CREATE FUNCTION tell_desk() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('tuntas_desk', json_build_object(
        'reference', NEW.reference, 'team', NEW.team, 'owner', NEW.owner, 'through', NEW.through,
        'status', NEW.status
    )::text);
    RETURN NULL;
END
$$;

CREATE TRIGGER complaints_tell_desk AFTER INSERT OR UPDATE OF through, owner, team, status ON complaints
    FOR EACH ROW WHEN (NOT NEW.imported) EXECUTE FUNCTION tell_desk();

CREATE INDEX clocks_breached ON clocks (breached_at DESC) WHERE breached_at IS NOT NULL;
