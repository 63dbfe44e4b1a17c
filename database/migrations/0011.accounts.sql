-- Who signs in at the desk: accounts, sessions, sign-ins under way, what was typed when a session ended; and an access
-- log that can be searched and not changed.
-- depends: 0005.links

-- `id` is the agent's id where they handle cases. What a person may do stands here: role and teams.
CREATE TABLE accounts (
    id text PRIMARY KEY,
    name text NOT NULL,
    role text NOT NULL,
    administers boolean NOT NULL DEFAULT false,
    teams text[] NOT NULL DEFAULT '{}',
    language text NOT NULL DEFAULT 'id',
    password text, -- argon2id; null: signs in elsewhere only
    issuer text,
    subject text,
    created_at timestamptz NOT NULL,
    password_at timestamptz,
    signed_in_at timestamptz,
    disabled_at timestamptz,
    UNIQUE (issuer, subject)
);

-- `token` is the SHA-256 of the cookie. A session that has ended stays for a while: it says whose form came too late.
CREATE TABLE sessions (
    token bytea PRIMARY KEY,
    number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    account text NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    started_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL, -- the absolute end
    ended_at timestamptz, -- signed out, or revoked
    browser text,
    address text
);

CREATE INDEX sessions_account ON sessions (account, seen_at DESC);
CREATE INDEX sessions_expiry ON sessions (expires_at);

-- Tries to sign in with a password, but for the right ones, for as long as they count; `source` is `account:` or `address:` and a digest.
CREATE TABLE failed_sign_ins (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source text NOT NULL,
    at timestamptz NOT NULL
);

CREATE INDEX failed_sign_ins_source ON failed_sign_ins (source, at);

-- A sign-in at the identity provider, from leaving for it until coming back, once.
CREATE TABLE provider_sign_ins (
    state bytea PRIMARY KEY, -- SHA-256
    nonce text NOT NULL,
    verifier text NOT NULL,
    goes_on_to text NOT NULL,
    begun_at timestamptz NOT NULL
);

-- A form that came when its session had ended: shown to its account after the next sign-in, to be sent or dropped.
CREATE TABLE kept_forms (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account text NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    path text NOT NULL,
    fields json NOT NULL,
    kept_at timestamptz NOT NULL
);

CREATE INDEX kept_forms_account ON kept_forms (account, number);

-- What else it was about: an agent, an account, a policy.
ALTER TABLE access_log ADD COLUMN about text;

CREATE INDEX access_log_at ON access_log (at, id);
CREATE INDEX access_log_what ON access_log (what, id);

CREATE TRIGGER access_log_immutable BEFORE UPDATE OR DELETE ON access_log
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER access_log_not_emptied BEFORE TRUNCATE ON access_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
