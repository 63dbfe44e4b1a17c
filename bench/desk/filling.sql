-- A database as it is after some years: set-based, in the order of receipt, with the distributions that decide how a
-- query is planned. `open` cases are the latest ones and a few old ones; words follow Zipf, as words do.

-- phrases --
-- Six words each; what is frequent is frequent in every case, what is rare in few.
CREATE UNLOGGED TABLE bench_phrases AS
SELECT id, string_agg(word, ' ') AS phrase
FROM generate_series(0, 19999) AS id
CROSS JOIN LATERAL (
    SELECT (ARRAY['ba','ki','du','le','ma','ro','ta','si','pe','nu'])[1 + rank % 10]
        || (ARRAY['lan','rik','mun','gas','pel','tor','kan','sir','dem','bus'])[1 + rank / 10 % 10]
        || (ARRAY['','a','ing','er','an','as','is','um','o','i'])[1 + rank / 100 % 10]
        || (ARRAY['','ta','ri','no','ke','mu','lo','sa','de','pi'])[1 + rank / 1000 % 10] AS word
    FROM (SELECT floor(power(8000, random()))::integer - 1 + id * 0 AS rank FROM generate_series(1, 6)) AS drawn
) AS words
GROUP BY id;
ALTER TABLE bench_phrases ADD PRIMARY KEY (id);
ANALYZE bench_phrases

-- facts --
-- What the other tables are derived from, the same each time it is asked for.
CREATE VIEW bench_facts AS
SELECT
    b.n, b.reference, b.is_open,
    now() - CASE
        WHEN NOT b.is_open OR b.n % 200 = 0 THEN (b.total - b.n) * interval '1100 days' / b.total + interval '12 days'
        ELSE (b.total - b.n) * interval '640 days' / b.total
    END AS received_at,
    (ARRAY['billing','wrong_delivery','defective_product','poor_service','other'])[1 + b.h % 5] AS category,
    (ARRAY['minor','moderate','moderate','moderate','moderate','moderate','moderate','major','major','critical'])
        [1 + b.h / 7 % 10] AS severity,
    (ARRAY['email','form','phone','chat','email','app','social','letter'])[1 + b.h / 11 % 8] AS channel,
    CASE WHEN b.h / 13 % 10 < 7 THEN 0 WHEN b.h / 13 % 10 < 9 THEN 1 WHEN b.h / 13 % 100 < 97 THEN 2 ELSE 3 END AS level,
    CASE
        WHEN NOT b.is_open THEN CASE WHEN b.n > b.total * 0.93 THEN 'closed' ELSE 'archived' END
        ELSE (ARRAY['investigation','investigation','investigation','investigation','investigation','investigation',
                    'awaiting_complainant','awaiting_complainant','awaiting_complainant','on_hold','on_hold','resolved',
                    'resolved','resolved','closing','verification','assessment','investigation','investigation',
                    'investigation'])[1 + b.h / 17 % 20]
    END AS status,
    b.is_open AND b.h / 19 % 100 < 7 AS late,
    b.is_open AND b.h / 19 % 100 >= 98 AS proposed,
    b.h / 23 % 10 AS luck, b.h, b.total, b.agents
FROM (
    SELECT n, reference, total, agents, n > total * 0.955 OR n % 200 = 0 AS is_open,
        hashint4(n) & 2147483647 AS h
    FROM bench_numbers CROSS JOIN bench_size
) AS b

-- complaints --
INSERT INTO complaints (
    reference, through, status, channel, category, severity, language, owner, team, tier, tier_level, outcome,
    closing_reason, received_at, assessed_at, decided_at, closed_at, archived_at, next_due_at, next_due, breached,
    satisfied, rating, awaiting_approval, pack, policy_version, subject, problem, contact_name, contact_email,
    contact_phone, recorded_at
)
SELECT
    f.reference, 12, f.status, f.channel, f.category, f.severity, CASE WHEN f.h %% 5 = 0 THEN 'en' ELSE 'id' END,
    CASE
        WHEN f.luck < 8 THEN 'agent:bench-' || f.h / 29 %% f.agents
        ELSE 'team:' || (ARRAY['frontline','specialist','supervisor','management'])[1 + f.level]
    END,
    (ARRAY['frontline','specialist','supervisor','management'])[1 + f.level],
    (ARRAY['frontline','specialist','supervisor','management'])[1 + f.level], f.level,
    CASE WHEN NOT f.is_open OR f.status IN ('resolved', 'closing') THEN (ARRAY['upheld','partly_upheld','not_upheld'])[1 + f.h %% 3] END,
    CASE WHEN NOT f.is_open THEN (ARRAY['confirmed','confirmed','confirmed','unconfirmed','unconfirmed','withdrawn'])[1 + f.h %% 6] END,
    f.received_at, f.received_at + interval '1 hour',
    CASE WHEN NOT f.is_open OR f.status IN ('resolved', 'closing') THEN f.received_at + interval '5 days' END,
    CASE WHEN NOT f.is_open THEN f.received_at + interval '9 days' + f.luck * interval '7 hours' END,
    CASE WHEN f.status = 'archived' THEN f.received_at + interval '30 days' END,
    CASE WHEN f.is_open THEN now() + (f.h / 31 %% 28800 - 2000 * f.late::integer) * interval '1 minute' END,
    CASE WHEN f.is_open THEN 'resolution' END,
    CASE WHEN f.late THEN ARRAY['resolution'] ELSE '{}' END,
    CASE WHEN NOT f.is_open THEN f.luck > 2 END, CASE WHEN NOT f.is_open THEN 1 + f.luck %% 5 END,
    f.proposed, 'id.default', '1', left(p.phrase, 60),
    CASE f.h %% 5 WHEN 0 THEN 'My bill was charged twice for order ' WHEN 1 THEN 'Barang pesanan saya belum datang, nomor '
        WHEN 2 THEN 'Tagihan saya dihitung dua kali, nomor ' WHEN 3 THEN 'Petugas tidak menjawab, nomor '
        ELSE 'Barang yang saya terima rusak, nomor ' END
    || f.n || '. ' || p.phrase || ' ' || q.phrase || ' ' || r.phrase || ' ' || s.phrase || '.',
    (ARRAY['Ratna','Adi','Siti','Budi','Dewi','Agus','Rina','Joko','Maya','Hendra'])[1 + f.h %% 10] || ' '
    || (ARRAY['Wijaya','Santoso','Rahma','Hartono','Astuti','Pratama','Lestari','Nugroho','Utami','Saputra'])[1 + f.h / 10 %% 10],
    'person-' || f.h %% (f.total * 2 / 3 + 1) || '@example.test', '+62812' || lpad((f.h %% 10000000)::text, 8, '0'),
    f.received_at + interval '9 days'
FROM bench_facts AS f
JOIN bench_phrases AS p ON p.id = f.h / 37 %% 20000
JOIN bench_phrases AS q ON q.id = f.h / 41 %% 20000
JOIN bench_phrases AS r ON r.id = f.h / 43 %% 20000
JOIN bench_phrases AS s ON s.id = f.h / 47 %% 20000
WHERE f.n BETWEEN %(first)s::integer AND %(last)s::integer
ORDER BY f.n

-- clocks --
-- Three promises of every case.
INSERT INTO clocks (
    reference, metric, occurrence, through, state, target, calendar, on_due, started_at, due_at, breached_at, ended_at,
    met_by, elapsed_seconds, paused_seconds, late_seconds
)
SELECT
    f.reference, m.metric, 1, 12, CASE WHEN f.is_open AND m.metric = 'resolution' THEN 'running' ELSE 'met' END,
    m.target, 'office', m.on_due, f.received_at,
    CASE WHEN f.is_open AND m.metric = 'resolution'
        THEN now() + (f.h / 31 % 28800 - 2000 * f.late::integer) * interval '1 minute'
        ELSE f.received_at + m.within END,
    CASE
        WHEN f.late AND m.metric = 'resolution' THEN now() - (f.h / 31 % 2000) * interval '1 minute'
        WHEN NOT f.is_open AND f.luck = 0 AND m.metric <> 'acknowledgement' THEN f.received_at + m.within
    END,
    CASE WHEN f.is_open AND m.metric = 'resolution' THEN NULL ELSE f.received_at + m.within END,
    CASE WHEN NOT f.is_open OR m.metric <> 'resolution' THEN 'person' END, 3600, 0, 0
FROM bench_facts AS f CROSS JOIN (VALUES
    ('acknowledgement', '1 hours', 'breach', interval '1 minute'),
    ('first_response', '8 business hours', 'breach', interval '1 day'),
    ('resolution', '10 working days', 'breach', interval '14 days')
) AS m (metric, target, on_due, within)

-- timeline --
-- Twelve entries of every open case and of every sixteenth of the others.
INSERT INTO timeline (
    reference, sequence, at, acted_at, kind, actor_id, actor_role, detail, words, salt, digest, previous, hash
)
SELECT
    f.reference, e.sequence, f.received_at + e.sequence * interval '5 hours',
    f.received_at + e.sequence * interval '5 hours', e.kind, e.actor, e.role, e.detail::json,
    CASE WHEN e.words THEN p.phrase || ' ' || p.phrase END, repeat('0', 32), repeat('d', 64), repeat('e', 64),
    repeat('f', 64)
FROM bench_facts AS f
JOIN bench_phrases AS p ON p.id = f.h / 37 % 20000
CROSS JOIN (VALUES
    (1, 'received', 'tuntas', 'system', '{"channel": "email"}', false),
    (2, 'notice_handed_over', 'tuntas', 'system', '{"occasion": "acknowledgement"}', false),
    (3, 'assessed', 'bench-1', 'agent', '{"category": "billing", "severity": "moderate"}', false),
    (4, 'owner_changed', 'tuntas', 'system', '{"to": "agent:bench-1", "previous": "team:frontline"}', false),
    (5, 'noted', 'bench-1', 'agent', '{}', true),
    (6, 'responded', 'bench-1', 'agent', '{}', true),
    (7, 'notice_handed_over', 'tuntas', 'system', '{"occasion": "response"}', false),
    (8, 'complainant_replied', 'complainant', 'complainant', '{"channel": "email"}', true),
    (9, 'step_recorded', 'bench-1', 'agent', '{"step": "check_bill"}', false),
    (10, 'warned', 'tuntas', 'system', '{"metric": "resolution", "occurrence": 1, "fraction": 0.5}', false),
    (11, 'responded', 'bench-1', 'agent', '{}', true),
    (12, 'notice_handed_over', 'tuntas', 'system', '{"occasion": "response"}', false)
) AS e (sequence, kind, actor, role, detail, words)
WHERE f.is_open OR f.n % 16 = 0

-- notices --
-- Four of the same cases.
INSERT INTO notices (
    key, duty, reference, audience, recipient, occasion, occurrence, channel, language, address, subject, body,
    message_id, state, written_at, sent_at
)
SELECT
    f.reference || '/' || o.occasion || '/' || o.number, f.reference || '/' || o.occasion || '/' || o.number, f.reference,
    o.audience, 'complainant', o.occasion, o.number, 'email', 'id', 'person@example.test', p.phrase,
    p.phrase || ' ' || p.phrase || ' ' || p.phrase || ' ' || p.phrase, '<' || f.reference || o.occasion || o.number || '>', 'sent',
    f.received_at + o.number * interval '1 day', f.received_at + o.number * interval '1 day'
FROM bench_facts AS f
JOIN bench_phrases AS p ON p.id = f.h / 41 % 20000
CROSS JOIN (VALUES
    ('acknowledgement', 1, 'complainant'), ('response', 1, 'complainant'), ('response', 2, 'complainant'), ('agent_assigned', 1, 'agent')
) AS o (occasion, number, audience)
WHERE f.is_open OR f.n % 16 = 0

-- likeness --
-- The sketches of cases that ended long ago are drawn, not computed: nobody is alike them, and they take as much room.
INSERT INTO likeness (reference, received_at, people, sketch)
SELECT
    c.reference, c.received_at, people_keys(c.contact_email, c.contact_phone, c.contact_name),
    CASE
        WHEN c.is_open THEN text_sketch(c.problem)
        ELSE ARRAY(SELECT (random() * 2147483647)::integer + hashtext(c.reference) * 0 FROM generate_series(1, 8))
    END
FROM complaints AS c
