"""A million closure records as they might have been written: common words and rare ones, in two languages.

Made by statements over sets: a sentence is drawn from words as people use them (the n-th most common one n times as
rarely as the first), a record from sentences.
"""

import random

import psycopg

_COMMON = {
    "id": """yang di dan tidak saya untuk dengan barang pesanan sudah ini itu dari belum ada pada dikirim rusak
        pengiriman pembayaran uang kembali toko kurir alamat paket tagihan layanan pelanggan kami karena produk salah
        hari diterima garansi hilang terlambat pengembalian dana penjual aplikasi nomor tanggal membayar bocor""",
    "en": """the and to was not it my order with delivery refund arrived broken late parcel charged twice customer
        service item wrong missing warranty address courier payment cancelled seller replaced damaged never received
        account support leaking money returned box screen battery billing invoice email phone reply promised days""",
}
_SYLLABLES = [a + b for a in "bcdfghjklmnprstwy" for b in ("a", "e", "i", "o", "u", "an", "er", "ing")]
_AFFIXES = {
    "id": (("me", ""), ("di", "kan"), ("pe", "an"), ("", "nya"), ("", "")),
    "en": (("", "ing"), ("", "ed"), ("", "s"), ("", "")),
}
_WORDS = 25_000  # of each language

TABLES = """
CREATE UNLOGGED TABLE bench_words (language text, rank integer, word text, PRIMARY KEY (language, rank));
CREATE UNLOGGED TABLE bench_sentences (number integer PRIMARY KEY, words text NOT NULL, vector tsvector);
CREATE AGGREGATE bench_joined (tsvector) (SFUNC = tsvector_concat, STYPE = tsvector);
"""
SENTENCES = """
INSERT INTO bench_sentences (number, words, vector)
SELECT number, said, to_tsvector('indonesian', said) || to_tsvector('english', said)
FROM (SELECT drawn.number, string_agg(w.word, ' ') AS said FROM (
    SELECT s AS number, CASE WHEN s %% 10 < 7 THEN 'id' ELSE 'en' END AS language,
           floor(exp(random() * ln(%(words)s)))::integer AS rank
    FROM generate_series(0, %(sentences)s - 1) AS s, generate_series(1, 6 + s %% 9)
) AS drawn
JOIN bench_words AS w ON w.language = drawn.language AND w.rank = drawn.rank
GROUP BY drawn.number) AS told
"""
DRAWN = """
CREATE UNLOGGED TABLE bench_drawn AS
SELECT n, told.said, told.vector FROM generate_series(1, %(records)s) AS n CROSS JOIN LATERAL (
    SELECT array_agg(s.words) AS said, bench_joined(s.vector) AS vector FROM (
        -- Seven of ten are in Indonesian; so is a record, whole.
        SELECT (random() * (%(sentences)s / 10 - 2))::integer * 10
               + CASE WHEN n %% 10 < 7 THEN n %% 7 ELSE 7 + n %% 3 END AS number
        FROM generate_series(1, 8) WHERE n > 0
    ) AS d JOIN bench_sentences AS s USING (number)
) AS told
"""
COMPLAINTS = """
INSERT INTO complaints (reference, through, status, channel, category, severity, language, owner, team, tier,
    tier_level, outcome, closing_reason, received_at, closed_at, archived_at, pack, policy_version)
SELECT 'TTS-' || lpad(n::text, 13, '0'), 9, 'archived', 'email', 'category_' || n %% 17, 'moderate',
    CASE WHEN n %% 10 < 7 THEN 'id' ELSE 'en' END, 'agent:a' || n %% 400, 'team_' || n %% 23, 'frontline', 0, 'upheld',
    'confirmed', closed - interval '9 days', closed, closed, 'id.default', '1'
FROM bench_drawn CROSS JOIN LATERAL (
    SELECT timestamptz '2026-11-23T02:00Z' - (%(records)s - n) * (interval '1826 days' / %(records)s) AS closed
) AS at
"""
RECORDS = """
INSERT INTO closure_records (reference, number, closed_at, reason, record)
SELECT c.reference, 1, c.closed_at, 'confirmed', jsonb_build_object(
    'number', 1, 'reference', c.reference, 'closed_at', c.closed_at, 'reason', 'confirmed', 'category', c.category,
    'severity', 'moderate', 'outcome', 'upheld', 'problem', array_to_string(said[1:3], '. ') || ' A-' || n,
    'findings', array_to_string(said[4:5], '. '), 'reasons', array_to_string(said[6:7], '. '),
    'remedies', jsonb_build_array(jsonb_build_object('solution', 'refund', 'cost', n % 900 * 1000)), 'cost', 0,
    'currency', 'IDR', 'satisfied', n % 3 > 0, 'rating', 1 + n % 5, 'silence', false,
    'root_cause', jsonb_build_object('method', 'five_whys', 'cause', said[8],
        'category', (ARRAY['process', 'system', 'policy', 'product', 'people', 'supplier', 'communication'])[1 + n % 7])
)
FROM bench_drawn JOIN complaints AS c ON c.reference = 'TTS-' || lpad(n::text, 13, '0')
"""
# As the migration fills it, but with the words put together from those of the sentences, and the indexes made over the
# whole: the words of a million texts one by one take twenty minutes. That they are the same is looked at below.
PAST = """
INSERT INTO past_records (
    reference, number, closed_at, reason, category, outcome, cause, team, owner, company, latest, words
)
SELECT r.reference, r.number, r.closed_at, r.reason, r.record ->> 'category', r.record ->> 'outcome',
    r.record -> 'root_cause' ->> 'category', c.team, c.owner, c.company, true,
    d.vector || to_tsvector('simple', 'A-' || n) || to_tsvector('simple', r.reference)
FROM bench_drawn AS d
JOIN closure_records AS r ON r.reference = 'TTS-' || lpad(n::text, 13, '0')
JOIN complaints AS c ON c.reference = r.reference
ORDER BY r.closed_at
"""
OTHERWISE = """
SELECT count(*) FROM past_records AS p JOIN closure_records AS r USING (reference, number)
WHERE p.reference LIKE '%777' AND strip(p.words) <> strip(past_words(r.record))
"""


def fill(url: str, records: int) -> None:
    """Fill an empty, migrated database with so many closure records of the last five years."""
    chance = random.Random(1)
    sentences = max(2_000, records // 3 // 10 * 10)
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("SELECT setseed(0.5)")
        conn.execute("SET maintenance_work_mem = '1GB'")
        conn.execute("SET work_mem = '256MB'")
        conn.execute("SET session_replication_role = replica")  # no triggers: what they keep is made below
        conn.execute(TABLES.encode())
        with conn.cursor() as cursor, cursor.copy(b"COPY bench_words FROM STDIN") as copy:
            for language in _COMMON:
                for rank, word in enumerate(_vocabulary(language, chance), 1):
                    copy.write_row((language, rank, word))
        given = {"words": _WORDS, "sentences": sentences, "records": records}
        made = _without_indexes(conn, "past_records")
        _without_indexes(conn, "complaints")  # those of its queues, which nobody asks here
        for statement in (
            SENTENCES,
            "ANALYZE bench_sentences",
            DRAWN,
            COMPLAINTS,
            RECORDS,
            PAST,
            *made,
            "DROP AGGREGATE bench_joined (tsvector)",
            "DROP TABLE bench_drawn, bench_sentences, bench_words",
            "VACUUM ANALYZE past_records",
            "ANALYZE complaints",
            "ANALYZE closure_records",
        ):
            conn.execute(statement.encode(), given if "%(" in statement else None)
        if conn.execute(OTHERWISE).fetchone() != (0,):
            raise AssertionError("the words put together are not those that the records have")


def _without_indexes(conn: psycopg.Connection, table: str) -> list[str]:
    """Drop all indexes of a table but that of its key; return how they were made."""
    asked = "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexname <> %s"
    found = conn.execute(asked, (table, f"{table}_pkey")).fetchall()
    for name, _ in found:
        conn.execute(f"DROP INDEX {name}".encode())
    return [str(definition) for _, definition in found]


def _vocabulary(language: str, chance: random.Random) -> list[str]:
    words = _COMMON[language].split()
    while len(words) < _WORDS:
        before, after = chance.choice(_AFFIXES[language])
        words.append(before + "".join(chance.choices(_SYLLABLES, k=chance.randint(2, 4))) + after)
    return words
