-- Sign-ins at the identity provider, between leaving for it and coming back.

-- begin --
INSERT INTO provider_sign_ins (state, nonce, verifier, goes_on_to, begun_at)
VALUES (%(state)s::bytea, %(nonce)s::text, %(verifier)s::text, %(goes_on_to)s::text, %(now)s::timestamptz)

-- take --
DELETE FROM provider_sign_ins WHERE state = %(state)s::bytea AND begun_at > %(since)s::timestamptz
RETURNING nonce, verifier, goes_on_to

-- forget --
DELETE FROM provider_sign_ins WHERE begun_at < %(before)s::timestamptz
