-- The complaints as they stand. A lower `through` never overwrites a higher one.

-- upsert --
-- Equal may overwrite: a retry writes the same, and what changed without a new entry is not lost.
INSERT INTO complaints (
    reference, through, status, channel, category, severity, language, company, owner, team, tier, tier_level,
    outcome, closing_reason, transfers, disputes, reopenings, received_at, assessed_at, decided_at, closed_at,
    archived_at, next_due_at, next_due, breached, satisfied, rating, awaiting_approval, remedies_owed, pack,
    policy_version, reopening_requested_at
) VALUES (
    %(reference)s::text, %(through)s::integer, %(status)s::text, %(channel)s::text, %(category)s::text,
    %(severity)s::text, %(language)s::text, %(company)s::text, %(owner)s::text, %(team)s::text, %(tier)s::text,
    %(tier_level)s::integer, %(outcome)s::text, %(closing_reason)s::text, %(transfers)s::integer,
    %(disputes)s::integer, %(reopenings)s::integer, %(received_at)s::timestamptz, %(assessed_at)s::timestamptz,
    %(decided_at)s::timestamptz, %(closed_at)s::timestamptz, %(archived_at)s::timestamptz,
    %(next_due_at)s::timestamptz, %(next_due)s::text, %(breached)s::text[], %(satisfied)s::boolean,
    %(rating)s::integer, %(awaiting_approval)s::boolean, %(remedies_owed)s::integer, %(pack)s::text,
    %(policy_version)s::text, %(reopening_requested_at)s::timestamptz
)
ON CONFLICT (reference) DO UPDATE SET
    through = excluded.through, status = excluded.status, channel = excluded.channel, category = excluded.category,
    severity = excluded.severity, language = excluded.language, company = excluded.company, owner = excluded.owner,
    team = excluded.team, tier = excluded.tier, tier_level = excluded.tier_level, outcome = excluded.outcome,
    closing_reason = excluded.closing_reason, transfers = excluded.transfers, disputes = excluded.disputes,
    reopenings = excluded.reopenings, received_at = excluded.received_at, assessed_at = excluded.assessed_at,
    decided_at = excluded.decided_at, closed_at = excluded.closed_at, archived_at = excluded.archived_at,
    next_due_at = excluded.next_due_at, next_due = excluded.next_due, breached = excluded.breached,
    satisfied = excluded.satisfied, rating = excluded.rating, awaiting_approval = excluded.awaiting_approval,
    remedies_owed = excluded.remedies_owed, pack = excluded.pack, policy_version = excluded.policy_version,
    reopening_requested_at = excluded.reopening_requested_at,
    recorded_at = now()
WHERE complaints.through <= excluded.through

-- set_owner --
-- A team that stands for the owner gives way to the one who was found; what has become of the case since does not.
UPDATE complaints SET owner = %(owner)s::text
WHERE reference = %(reference)s::text AND through = %(through)s::integer AND owner LIKE 'team:%%'

-- set_intake --
-- An intake never changes: the first one stays.
UPDATE complaints SET
    intake_key = %(intake_key)s::text, subject = %(subject)s::text, problem = %(problem)s::text,
    remedy_sought = %(remedy_sought)s::text, details = %(details)s::jsonb, source = %(source)s::text
WHERE reference = %(reference)s::text AND intake_key IS NULL

-- set_contact --
UPDATE complaints SET
    contact_through = %(through)s::integer, contact_name = %(contact_name)s::text,
    contact_email = %(contact_email)s::text, contact_phone = %(contact_phone)s::text,
    contact_channel = %(contact_channel)s::text, represented_by = %(represented_by)s::text
WHERE reference = %(reference)s::text AND contact_through <= %(through)s::integer

-- add --
-- A complaint that is not there yet, whole: with what was written and how to reach who wrote it.
INSERT INTO complaints (
    reference, through, status, channel, category, severity, language, company, owner, team, tier, tier_level,
    outcome, closing_reason, transfers, disputes, reopenings, received_at, assessed_at, decided_at, closed_at,
    archived_at, next_due_at, next_due, breached, satisfied, rating, awaiting_approval, remedies_owed, pack,
    policy_version, reopening_requested_at, imported, intake_key, subject, problem, remedy_sought, details, source,
    contact_through, contact_name, contact_email, contact_phone, contact_channel, represented_by
) VALUES (
    %(reference)s::text, %(through)s::integer, %(status)s::text, %(channel)s::text, %(category)s::text,
    %(severity)s::text, %(language)s::text, %(company)s::text, %(owner)s::text, %(team)s::text, %(tier)s::text,
    %(tier_level)s::integer, %(outcome)s::text, %(closing_reason)s::text, %(transfers)s::integer,
    %(disputes)s::integer, %(reopenings)s::integer, %(received_at)s::timestamptz, %(assessed_at)s::timestamptz,
    %(decided_at)s::timestamptz, %(closed_at)s::timestamptz, %(archived_at)s::timestamptz,
    %(next_due_at)s::timestamptz, %(next_due)s::text, %(breached)s::text[], %(satisfied)s::boolean,
    %(rating)s::integer, %(awaiting_approval)s::boolean, %(remedies_owed)s::integer, %(pack)s::text,
    %(policy_version)s::text, %(reopening_requested_at)s::timestamptz, %(imported)s::boolean,
    %(intake_key)s::text, %(subject)s::text, %(problem)s::text, %(remedy_sought)s::text, %(details)s::jsonb,
    %(source)s::text, %(through)s::integer, %(contact_name)s::text, %(contact_email)s::text,
    %(contact_phone)s::text, %(contact_channel)s::text, %(represented_by)s::text
)
ON CONFLICT (reference) DO NOTHING

-- get --
SELECT
    reference, through, imported, subject, recorded_at, status, channel, category, severity, language, company,
    owner, team, tier, tier_level, outcome, closing_reason, transfers, disputes, reopenings, received_at,
    assessed_at, decided_at, closed_at, archived_at, next_due_at, next_due, breached, satisfied, rating,
    awaiting_approval, remedies_owed, reopening_requested_at, pack, policy_version, intake_key, problem, remedy_sought, details, source,
    contact_name, contact_email, contact_phone, contact_channel, represented_by
FROM complaints
WHERE reference = %(reference)s::text

-- get_each --
SELECT
    reference, through, imported, subject, recorded_at, status, channel, category, severity, language, company,
    owner, team, tier, tier_level, outcome, closing_reason, transfers, disputes, reopenings, received_at,
    assessed_at, decided_at, closed_at, archived_at, next_due_at, next_due, breached, satisfied, rating,
    awaiting_approval, remedies_owed, reopening_requested_at, pack, policy_version, intake_key, problem, remedy_sought, details, source,
    contact_name, contact_email, contact_phone, contact_channel, represented_by
FROM complaints
WHERE reference = ANY (%(references)s::text[])

-- count --
SELECT count(*) AS number
FROM
    matching_complaints(
        %(statuses)s::text[], %(owner)s::text, %(team)s::text, %(tier)s::text, %(category)s::text, %(severities)s::text[],
        %(channels)s::text[], %(breached)s::text, %(company)s::text, %(pack)s::text, %(open)s::boolean,
        %(imported)s::boolean, %(received_from)s::timestamptz, %(received_before)s::timestamptz,
        %(due_before)s::timestamptz
    )

-- list_due --
-- What is due first comes first; without a due instant last.
SELECT
    reference, through, imported, subject, recorded_at, status, channel, category, severity, language, company,
    owner, team, tier, tier_level, outcome, closing_reason, transfers, disputes, reopenings, received_at,
    assessed_at, decided_at, closed_at, archived_at, next_due_at, next_due, breached, satisfied, rating,
    awaiting_approval, remedies_owed, reopening_requested_at, pack, policy_version
FROM
    matching_complaints(
        %(statuses)s::text[], %(owner)s::text, %(team)s::text, %(tier)s::text, %(category)s::text, %(severities)s::text[],
        %(channels)s::text[], %(breached)s::text, %(company)s::text, %(pack)s::text, %(open)s::boolean,
        %(imported)s::boolean, %(received_from)s::timestamptz, %(received_before)s::timestamptz,
        %(due_before)s::timestamptz
    )
WHERE (due_order, reference) > (
    CASE WHEN %(after)s::text IS NULL THEN '-infinity' ELSE coalesce(%(after_due)s::timestamptz, 'infinity') END,
    coalesce(%(after)s::text, '')
)
ORDER BY due_order, reference
LIMIT %(limit)s::integer

-- list_oldest --
-- The longest waiting first.
SELECT
    reference, through, imported, subject, recorded_at, status, channel, category, severity, language, company,
    owner, team, tier, tier_level, outcome, closing_reason, transfers, disputes, reopenings, received_at,
    assessed_at, decided_at, closed_at, archived_at, next_due_at, next_due, breached, satisfied, rating,
    awaiting_approval, remedies_owed, reopening_requested_at, pack, policy_version
FROM
    matching_complaints(
        %(statuses)s::text[], %(owner)s::text, %(team)s::text, %(tier)s::text, %(category)s::text, %(severities)s::text[],
        %(channels)s::text[], %(breached)s::text, %(company)s::text, %(pack)s::text, %(open)s::boolean,
        %(imported)s::boolean, %(received_from)s::timestamptz, %(received_before)s::timestamptz,
        %(due_before)s::timestamptz
    )
WHERE (received_at, reference) > (coalesce(%(after_received)s::timestamptz, '-infinity'), coalesce(%(after)s::text, ''))
ORDER BY received_at, reference
LIMIT %(limit)s::integer

-- list_newest --
-- The last received first.
SELECT
    reference, through, imported, subject, recorded_at, status, channel, category, severity, language, company,
    owner, team, tier, tier_level, outcome, closing_reason, transfers, disputes, reopenings, received_at,
    assessed_at, decided_at, closed_at, archived_at, next_due_at, next_due, breached, satisfied, rating,
    awaiting_approval, remedies_owed, reopening_requested_at, pack, policy_version
FROM
    matching_complaints(
        %(statuses)s::text[], %(owner)s::text, %(team)s::text, %(tier)s::text, %(category)s::text, %(severities)s::text[],
        %(channels)s::text[], %(breached)s::text, %(company)s::text, %(pack)s::text, %(open)s::boolean,
        %(imported)s::boolean, %(received_from)s::timestamptz, %(received_before)s::timestamptz,
        %(due_before)s::timestamptz
    )
WHERE (
    %(after)s::text IS NULL
    OR (received_at, reference) < (%(after_received)s::timestamptz, %(after)s::text)
)
ORDER BY received_at DESC, reference DESC
LIMIT %(limit)s::integer

-- list_severity --
-- The gravest first, and among them what is due first.
SELECT
    reference, through, imported, subject, recorded_at, status, channel, category, severity, language, company,
    owner, team, tier, tier_level, outcome, closing_reason, transfers, disputes, reopenings, received_at,
    assessed_at, decided_at, closed_at, archived_at, next_due_at, next_due, breached, satisfied, rating,
    awaiting_approval, remedies_owed, reopening_requested_at, pack, policy_version
FROM
    matching_complaints(
        %(statuses)s::text[], %(owner)s::text, %(team)s::text, %(tier)s::text, %(category)s::text, %(severities)s::text[],
        %(channels)s::text[], %(breached)s::text, %(company)s::text, %(pack)s::text, %(open)s::boolean,
        %(imported)s::boolean, %(received_from)s::timestamptz, %(received_before)s::timestamptz,
        %(due_before)s::timestamptz
    )
WHERE (severity_rank, due_order, reference) > (
    coalesce(%(after_rank)s::integer, -1),
    coalesce(%(after_due)s::timestamptz, 'infinity'),
    coalesce(%(after)s::text, '')
)
ORDER BY severity_rank, due_order, reference
LIMIT %(limit)s::integer
