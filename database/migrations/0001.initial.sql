-- The read model: what activities write about each case, guarded by the sequence it was written with.
-- depends:

CREATE TABLE complaints (
    reference text PRIMARY KEY,
    through integer NOT NULL,
    imported boolean NOT NULL DEFAULT false,
    status text NOT NULL,
    channel text NOT NULL,
    category text,
    severity text NOT NULL,
    language text NOT NULL,
    company text,
    owner text NOT NULL,
    team text NOT NULL,
    tier text NOT NULL,
    tier_level integer NOT NULL,
    outcome text,
    closing_reason text,
    transfers integer NOT NULL DEFAULT 0,
    disputes integer NOT NULL DEFAULT 0,
    reopenings integer NOT NULL DEFAULT 0,
    received_at timestamptz NOT NULL,
    assessed_at timestamptz,
    decided_at timestamptz,
    closed_at timestamptz,
    archived_at timestamptz,
    next_due_at timestamptz,
    next_due text,
    breached text[] NOT NULL DEFAULT '{}',
    satisfied boolean,
    rating integer,
    awaiting_approval boolean NOT NULL DEFAULT false,
    remedies_owed integer NOT NULL DEFAULT 0,
    pack text NOT NULL,
    policy_version text NOT NULL,
    -- The intake; what a complainant wrote or is called stands in columns of its own, so that it can be erased.
    intake_key text,
    subject text,
    problem text,
    remedy_sought text,
    details jsonb NOT NULL DEFAULT '{}',
    source text,
    contact_through integer NOT NULL DEFAULT 0,
    contact_name text,
    contact_email text,
    contact_phone text,
    contact_channel text,
    represented_by text,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    -- What the listings order by: a case without a due instant comes last, the gravest first.
    due_order timestamptz NOT NULL GENERATED ALWAYS AS (coalesce(next_due_at, 'infinity')) STORED,
    severity_rank integer NOT NULL GENERATED ALWAYS AS (
        CASE severity WHEN 'critical' THEN 0 WHEN 'major' THEN 1 WHEN 'moderate' THEN 2 ELSE 3 END
    ) STORED,
    is_open boolean NOT NULL GENERATED ALWAYS AS (status NOT IN ('closed', 'archived')) STORED
);

CREATE INDEX complaints_due ON complaints (due_order, reference);
CREATE INDEX complaints_received ON complaints (received_at, reference);
CREATE INDEX complaints_severity ON complaints (severity_rank, due_order, reference);
CREATE INDEX complaints_status ON complaints (status, due_order, reference);
CREATE INDEX complaints_owner ON complaints (owner, due_order, reference);
CREATE INDEX complaints_team ON complaints (team, due_order, reference);
CREATE INDEX complaints_tier ON complaints (tier, due_order, reference);
CREATE INDEX complaints_category ON complaints (category, received_at, reference);
CREATE INDEX complaints_channel ON complaints (channel, received_at, reference);
CREATE INDEX complaints_breached ON complaints USING gin (breached);
CREATE INDEX complaints_open ON complaints (due_order, reference) WHERE is_open;

CREATE TABLE timeline (
    reference text NOT NULL,
    sequence integer NOT NULL,
    at timestamptz NOT NULL,
    acted_at timestamptz NOT NULL,
    kind text NOT NULL,
    actor_id text NOT NULL,
    actor_role text NOT NULL,
    -- json, not jsonb: jsonb rewrites numbers and refuses \u0000, and then the digest could not be recomputed.
    detail json,
    words text,
    salt text,
    digest text NOT NULL,
    previous text NOT NULL,
    hash text NOT NULL,
    PRIMARY KEY (reference, sequence)
);

CREATE INDEX timeline_escalated ON timeline (reference) WHERE kind = 'escalated';

CREATE TABLE clocks (
    reference text NOT NULL,
    metric text NOT NULL,
    occurrence integer NOT NULL,
    through integer NOT NULL,
    state text NOT NULL,
    target text NOT NULL,
    calendar text,
    on_due text NOT NULL,
    started_at timestamptz NOT NULL,
    due_at timestamptz,
    breached_at timestamptz,
    ended_at timestamptz,
    met_by text,
    elapsed_seconds bigint NOT NULL,
    paused_seconds bigint NOT NULL,
    late_seconds bigint NOT NULL,
    PRIMARY KEY (reference, metric, occurrence)
);

CREATE TABLE actions (
    reference text NOT NULL,
    number integer NOT NULL,
    through integer NOT NULL,
    kind text NOT NULL,
    description text NOT NULL,
    owner text NOT NULL,
    due_at timestamptz NOT NULL,
    added_at timestamptz NOT NULL,
    completed_at timestamptz,
    note text,
    PRIMARY KEY (reference, number)
);

CREATE INDEX actions_owed ON actions (owner, due_at) WHERE completed_at IS NULL;

CREATE TABLE root_causes (
    reference text NOT NULL,
    sequence integer NOT NULL,
    at timestamptz NOT NULL,
    actor_id text NOT NULL,
    method text,
    category text,
    cause text,
    whys jsonb NOT NULL DEFAULT '[]',
    fishbone_class text,
    evidence text,
    corrective_action text,
    effective boolean,
    PRIMARY KEY (reference, sequence)
);

CREATE INDEX root_causes_category ON root_causes (category, at);

CREATE TABLE evaluations (
    reference text NOT NULL,
    sequence integer NOT NULL,
    at timestamptz NOT NULL,
    actor_id text NOT NULL,
    speed integer,
    solution integer,
    communication integer,
    note text,
    PRIMARY KEY (reference, sequence)
);

CREATE TABLE answers (
    reference text NOT NULL,
    sequence integer NOT NULL,
    at timestamptz NOT NULL,
    satisfied boolean NOT NULL,
    applied boolean NOT NULL DEFAULT true, -- false: it spoke of an earlier decision, and changed nothing
    decision integer,
    rating integer,
    words text,
    PRIMARY KEY (reference, sequence)
);

CREATE TABLE closure_records (
    reference text NOT NULL,
    number integer NOT NULL,
    closed_at timestamptz NOT NULL,
    reason text NOT NULL,
    record jsonb NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (reference, number)
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is immutable', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER closure_records_immutable BEFORE UPDATE OR DELETE ON closure_records
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- json: the case must come back exactly as it was kept.
CREATE TABLE archived_cases (
    reference text PRIMARY KEY,
    key text NOT NULL,
    state json NOT NULL,
    archived_at timestamptz NOT NULL
);

-- The filters of every listing, once. A plain SQL function like this is inlined into the query that calls it, so the
-- planner sees the given filters as constants and chooses the index for each combination.
CREATE FUNCTION matching_complaints(
    statuses text[], owner_is text, team_is text, tier_is text, category_is text, severities text[], channels text[],
    breached_one text, company_is text, pack_is text, open_is boolean, imported_is boolean,
    received_from timestamptz, received_before timestamptz, due_before timestamptz
) RETURNS SETOF complaints LANGUAGE sql STABLE AS $$
    SELECT c.* FROM complaints AS c
    WHERE (statuses IS NULL OR c.status = ANY (statuses))
      AND (owner_is IS NULL OR c.owner = owner_is)
      AND (team_is IS NULL OR c.team = team_is)
      AND (tier_is IS NULL OR c.tier = tier_is)
      AND (category_is IS NULL OR c.category = category_is)
      AND (severities IS NULL OR c.severity = ANY (severities))
      AND (channels IS NULL OR c.channel = ANY (channels))
      AND (breached_one IS NULL OR c.breached @> ARRAY[breached_one])
      AND (company_is IS NULL OR c.company = company_is)
      AND (pack_is IS NULL OR c.pack = pack_is)
      AND (open_is IS NULL OR c.is_open = open_is)
      AND (imported_is IS NULL OR c.imported = imported_is)
      AND (received_from IS NULL OR c.received_at >= received_from)
      AND (received_before IS NULL OR c.received_at < received_before)
      AND (due_before IS NULL OR c.due_order < due_before)
$$;
