-- Agents, what was said to people, how complaints came in, and who looked.
-- depends: 0001.initial

CREATE TABLE agents (
    id text PRIMARY KEY,
    name text,
    email text,
    role text NOT NULL DEFAULT 'agent',
    team text,
    tier text NOT NULL,
    skills text[] NOT NULL DEFAULT '{}',
    languages text[] NOT NULL DEFAULT '{}',
    present boolean NOT NULL DEFAULT true,
    away_until timestamptz,
    substitute text,
    last_assigned_at timestamptz
);

CREATE INDEX agents_tier ON agents (tier, id);
CREATE INDEX agents_team ON agents (team, id);

-- What an escalation found, so that doing it again finds the same.
CREATE TABLE escalations (
    key text PRIMARY KEY,
    reference text NOT NULL,
    number integer NOT NULL,
    tier text NOT NULL,
    owner text NOT NULL,
    previous_owner text NOT NULL,
    found_at timestamptz NOT NULL
);

CREATE INDEX escalations_reference ON escalations (reference, found_at);
CREATE INDEX escalations_owner ON escalations (owner, found_at);

-- One row per message to one recipient, written before it is sent. `duty` is the key of what a case asked for: a notice
-- to a team is one duty and several messages.
CREATE TABLE notices (
    key text PRIMARY KEY,
    duty text NOT NULL,
    reference text NOT NULL,
    audience text NOT NULL,
    recipient text NOT NULL,
    occasion text NOT NULL,
    occurrence integer NOT NULL,
    channel text NOT NULL,
    language text NOT NULL,
    address text,
    subject text NOT NULL,
    body text NOT NULL,
    message_id text NOT NULL UNIQUE,
    state text NOT NULL DEFAULT 'written',
    written_at timestamptz NOT NULL,
    sent_at timestamptz,
    failed_at timestamptz,
    problem text
);

CREATE INDEX notices_reference ON notices (reference, written_at);
CREATE INDEX notices_duty ON notices (duty);
CREATE INDEX notices_waiting ON notices (written_at, key) WHERE state = 'written';

CREATE TABLE intakes (
    channel text NOT NULL,
    key text NOT NULL,
    reference text NOT NULL UNIQUE,
    salt integer NOT NULL DEFAULT 0,
    digest text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (channel, key)
);

CREATE TABLE imports (
    file text NOT NULL,
    line integer NOT NULL,
    reference text NOT NULL,
    imported_at timestamptz NOT NULL,
    PRIMARY KEY (file, line)
);

CREATE TABLE access_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    actor_id text NOT NULL,
    actor_role text NOT NULL,
    what text NOT NULL,
    reference text,
    result text NOT NULL,
    problem text
);

CREATE INDEX access_log_reference ON access_log (reference, id);
CREATE INDEX access_log_actor ON access_log (actor_id, id);
