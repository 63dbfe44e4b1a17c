-- A closure record of a course that a restored workflow never took makes room for that of the closing to come.
-- depends: 0020.desk_ended_and_kept

-- Immutable all the same: it goes only from here to what was set aside, never to nowhere.
CREATE FUNCTION refuse_loss_of_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND EXISTS (
        SELECT FROM set_aside AS s
        WHERE s.reference = OLD.reference AND s.part = 'closure_records'
            AND s.content::jsonb -> 'number' = to_jsonb(OLD.number) AND s.content::jsonb -> 'record' = OLD.record
    ) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% is immutable', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;

DROP TRIGGER closure_records_immutable ON closure_records;
CREATE TRIGGER closure_records_immutable BEFORE UPDATE OR DELETE ON closure_records
    FOR EACH ROW EXECUTE FUNCTION refuse_loss_of_record();

-- What is searched by goes with it, and the record before it is the latest again.
CREATE FUNCTION drop_past_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM past_records WHERE reference = OLD.reference AND number = OLD.number;
    UPDATE past_records AS p SET latest = true
    WHERE p.reference = OLD.reference AND NOT p.latest
        AND NOT EXISTS (SELECT FROM past_records AS o WHERE o.reference = p.reference AND o.number > p.number);
    RETURN NULL;
END
$$;
CREATE TRIGGER closure_records_past_gone AFTER DELETE ON closure_records
    FOR EACH ROW EXECUTE FUNCTION drop_past_record();
