-- The survey after closing: whom it was asked, who wants no more of it, and what was answered.
-- depends: 0014.actions_owed

-- With it a person's address becomes an id that says nothing: neither a list of addresses nor another database's rows
-- can be matched with it. It never changes, else whoever said "stop" would be asked again.
CREATE TABLE survey_key (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    key bytea NOT NULL
);
INSERT INTO survey_key (key)
VALUES (sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')));

-- One person of a company: by each of their addresses, as duplicates are matched (`people_keys`).
CREATE FUNCTION survey_people(company text, email text, phone text) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT array_agg(encode(sha256(k.key || sha256(k.key || convert_to(address, 'UTF8'))), 'hex') ORDER BY address)
    FROM survey_key AS k, unnest(ARRAY[
        'email ' || coalesce(company, '') || chr(10) || lower(email),
        'phone ' || coalesce(company, '') || chr(10) || phone
    ]) AS address
    WHERE address IS NOT NULL
$$;

-- When a person was asked last, by which notice, and since when they want to be asked no more.
CREATE TABLE surveyed (
    person text PRIMARY KEY,
    asked_at timestamptz,
    asked_key text,
    stopped_at timestamptz,
    stopped_in text
);
CREATE INDEX surveyed_asked ON surveyed (asked_key) WHERE asked_key IS NOT NULL;

-- What was answered about a closing: a row each, corrected by later answers. `sequence`: the entry that said it last.
CREATE TABLE surveys (
    reference text NOT NULL,
    closing integer NOT NULL,
    sequence integer NOT NULL,
    at timestamptz NOT NULL,
    outcome integer,
    handling integer,
    effort integer,
    solved boolean,
    PRIMARY KEY (reference, closing)
);

-- What became of the survey that a notice was to bring.
ALTER TABLE notices ADD COLUMN survey text;
CREATE INDEX notices_surveys ON notices (reference) WHERE survey = 'asked';
