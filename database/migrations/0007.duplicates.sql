-- What possible duplicates are found by, apart from the complaints: their rows change with every record, these do not.
-- depends: 0006.contact_codes

CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- Which sequences of three words a text has, as eight numbers: texts that are nearly the same share one of them, others
-- hardly ever do (MinHash, in bands of two). A trigram index of whole texts takes half a second to say as much.
CREATE FUNCTION text_sketch(given text) RETURNS integer[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    WITH words AS (
        SELECT word, number
        FROM regexp_split_to_table(lower(left(given, 2000)), '[^[:alnum:]]+') WITH ORDINALITY AS w (word, number)
        WHERE word <> ''
    ),
    shingles AS (
        SELECT DISTINCT hashtextextended(concat_ws(' ', word, lead(word) OVER o, lead(word, 2) OVER o), 0) AS shingle
        FROM words WINDOW o AS (ORDER BY number)
    ),
    smallest AS (
        SELECT seed, min(hashint8extended(shingle, seed)) AS value
        FROM shingles CROSS JOIN generate_series(0, 15) AS seed GROUP BY seed
    ),
    bands AS (
        SELECT hashtext(string_agg(value::text, ' ' ORDER BY seed) || '/' || (seed / 2)) AS band
        FROM smallest GROUP BY seed / 2
    )
    SELECT array_agg(band) FROM bands
$$;

-- Who complains, as digests: an address or a name is kept in one place only.
CREATE FUNCTION people_keys(email text, phone text, name text) RETURNS bigint[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_remove(ARRAY[
        hashtextextended('email ' || lower(email), 0),
        hashtextextended('phone ' || phone, 0),
        hashtextextended('name ' || lower(regexp_replace(btrim(name), '\s+', ' ', 'g')), 0)
    ], NULL)
$$;

CREATE TABLE likeness (
    reference text PRIMARY KEY,
    company text,
    received_at timestamptz NOT NULL,
    people bigint[] NOT NULL,
    sketch integer[]
);

-- Without a list of pending entries, which every search would read through.
CREATE INDEX likeness_people ON likeness USING gin (people) WITH (fastupdate = off);
CREATE INDEX likeness_sketch ON likeness USING gin (sketch) WITH (fastupdate = off);

-- Whoever writes, amends or erases the words or the contact of a complaint keeps this true.
CREATE FUNCTION keep_likeness() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO likeness AS l (reference, company, received_at, people, sketch)
    VALUES (NEW.reference, NEW.company, NEW.received_at, people_keys(NEW.contact_email, NEW.contact_phone, NEW.contact_name),
            text_sketch(NEW.problem))
    ON CONFLICT (reference) DO UPDATE SET people = excluded.people, sketch = excluded.sketch;
    RETURN NULL;
END
$$;

CREATE FUNCTION forget_likeness() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM likeness WHERE reference = OLD.reference;
    RETURN NULL;
END
$$;

CREATE TRIGGER complaints_likeness_new AFTER INSERT ON complaints
    FOR EACH ROW WHEN (NEW.problem IS NOT NULL) EXECUTE FUNCTION keep_likeness();
CREATE TRIGGER complaints_likeness AFTER UPDATE OF problem, contact_email, contact_phone, contact_name ON complaints
    FOR EACH ROW WHEN (
        (OLD.problem, OLD.contact_email, OLD.contact_phone, OLD.contact_name)
        IS DISTINCT FROM (NEW.problem, NEW.contact_email, NEW.contact_phone, NEW.contact_name)
    ) EXECUTE FUNCTION keep_likeness();
CREATE TRIGGER complaints_likeness_gone AFTER DELETE ON complaints
    FOR EACH ROW EXECUTE FUNCTION forget_likeness();

INSERT INTO likeness (reference, company, received_at, people, sketch)
SELECT reference, company, received_at, people_keys(contact_email, contact_phone, contact_name), text_sketch(problem)
FROM complaints WHERE problem IS NOT NULL;
