-- Past records as a reference: what closure records are searched by, apart from them, kept true by triggers.
-- depends: 0012.desk

-- What somebody who handles a like case would read: the problem, what was found, the reasons, the cause. Each part is
-- cut, so that no record is too long for its index.
CREATE FUNCTION past_text(record jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT concat_ws(
        E'\n', left(record ->> 'problem', 8000), left(record ->> 'findings', 8000), left(record ->> 'reasons', 8000),
        (
            SELECT left(string_agg(told #>> '{}', E'\n'), 8000)
            FROM jsonb_path_query(
                CASE jsonb_typeof(record -> 'root_cause')
                    WHEN 'object' THEN (record -> 'root_cause') - ARRAY['method', 'category']
                    ELSE 'null'
                END,
                'strict $.** ? (@.type() == "string")'
            ) AS told
        )
    )
$$;

CREATE FUNCTION past_words(record jsonb) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT to_tsvector('indonesian', told) || to_tsvector('english', told) || to_tsvector('simple', record ->> 'reference')
    FROM past_text(record) AS told
$$;

-- The week of an instant, counted from 1970. Weeks, and seasons of sixteen, bound a search for words that a third of all
-- records have.
CREATE FUNCTION past_week(at timestamptz) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT floor(extract(epoch FROM at AT TIME ZONE 'UTC') / 604800)::integer
$$;

CREATE TABLE past_records (
    reference text NOT NULL,
    number integer NOT NULL,
    closed_at timestamptz NOT NULL,
    reason text NOT NULL,
    category text,
    outcome text,
    cause text,
    -- Of the case as it stands now: who may see it.
    team text,
    owner text,
    company text,
    latest boolean NOT NULL,
    -- Whatever a search is narrowed to, in one column beside the words, so that one index answers both.
    marks text[] NOT NULL GENERATED ALWAYS AS (
        array_remove(
            ARRAY[
                'week:' || past_week(closed_at), 'season:' || past_week(closed_at) / 16, 'category:' || category,
                'outcome:' || outcome, 'cause:' || cause, 'team:' || team, 'owner:' || owner, 'company:' || company
            ],
            NULL
        )
    ) STORED,
    words tsvector NOT NULL,
    PRIMARY KEY (reference, number)
) WITH (toast_tuple_target = 128);

-- A search passes through thousands of rows and reads the words of a few: they lie elsewhere, and are not packed.
ALTER TABLE past_records ALTER COLUMN words SET STORAGE EXTERNAL;
-- How common a word is says ANALYZE, of so many: rarer ones are rarer than one record in three hundred.
ALTER TABLE past_records ALTER COLUMN words SET STATISTICS 300;

-- Without a list of pending entries, which every search would read through.
CREATE INDEX past_records_search ON past_records USING gin (words, marks) WITH (fastupdate = off);
CREATE INDEX past_records_closed ON past_records (closed_at);

CREATE FUNCTION keep_past_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO past_records (reference, number, closed_at, reason, category, outcome, cause, team, owner, company, latest, words)
    SELECT NEW.reference, NEW.number, NEW.closed_at, NEW.reason, NEW.record ->> 'category', NEW.record ->> 'outcome',
        NEW.record -> 'root_cause' ->> 'category', c.team, coalesce(c.owner, NEW.record ->> 'owner'), c.company,
        NOT EXISTS (SELECT FROM past_records AS p WHERE p.reference = NEW.reference AND p.number > NEW.number),
        past_words(NEW.record)
    FROM (SELECT) AS one LEFT JOIN complaints AS c ON c.reference = NEW.reference
    WHERE c.reference IS NULL OR c.problem IS NOT NULL -- else they were erased
    ON CONFLICT DO NOTHING;
    UPDATE past_records SET latest = false WHERE reference = NEW.reference AND number < NEW.number AND latest;
    RETURN NULL;
END
$$;

-- Whose the case is now, whenever it goes to somebody else, and when its record comes after its closure.
CREATE FUNCTION follow_past_records() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE past_records SET team = NEW.team, owner = NEW.owner, company = NEW.company WHERE reference = NEW.reference;
    RETURN NULL;
END
$$;

-- Whose words are erased is not found by them any more.
CREATE FUNCTION forget_past_records() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM past_records WHERE reference = OLD.reference;
    RETURN NULL;
END
$$;

CREATE TRIGGER closure_records_past AFTER INSERT ON closure_records
    FOR EACH ROW EXECUTE FUNCTION keep_past_record();
CREATE TRIGGER complaints_past_new AFTER INSERT ON complaints
    FOR EACH ROW WHEN (NEW.closed_at IS NOT NULL) EXECUTE FUNCTION follow_past_records();
CREATE TRIGGER complaints_past AFTER UPDATE OF team, owner, company ON complaints
    FOR EACH ROW WHEN ((OLD.team, OLD.owner, OLD.company) IS DISTINCT FROM (NEW.team, NEW.owner, NEW.company))
    EXECUTE FUNCTION follow_past_records();
CREATE TRIGGER complaints_past_erased AFTER UPDATE OF problem ON complaints
    FOR EACH ROW WHEN (OLD.problem IS NOT NULL AND NEW.problem IS NULL) EXECUTE FUNCTION forget_past_records();
CREATE TRIGGER complaints_past_gone AFTER DELETE ON complaints
    FOR EACH ROW EXECUTE FUNCTION forget_past_records();

INSERT INTO past_records (reference, number, closed_at, reason, category, outcome, cause, team, owner, company, latest, words)
SELECT r.reference, r.number, r.closed_at, r.reason, r.record ->> 'category', r.record ->> 'outcome',
    r.record -> 'root_cause' ->> 'category', c.team, coalesce(c.owner, r.record ->> 'owner'), c.company,
    NOT EXISTS (SELECT FROM closure_records AS l WHERE l.reference = r.reference AND l.number > r.number),
    past_words(r.record)
FROM closure_records AS r LEFT JOIN complaints AS c ON c.reference = r.reference
-- Of a case that is recorded without its words they were erased.
WHERE c.reference IS NULL OR c.problem IS NOT NULL;
ANALYZE past_records;
