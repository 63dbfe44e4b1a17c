"""Allowances when PostgreSQL is away, addresses, and what every error is answered with."""

import pytest
from starlette.requests import HTTPConnection

from complaints import errors
from complaints.errors import TuntasError, Unreachable
from database.pool import open_pool
from starter.rpc import NoSuchRun
from web.api.description import examples, kinds
from web.api.keys import _TOKEN, digest, new_id, new_secret
from web.api.problems import headers_of, kind_of, problem_of
from web.limits import Bucket, Limiter, TooMany, network_of

NOWHERE = "postgresql://tuntas@127.0.0.1:9/tuntas"
WORDS = "Budi dari Jalan Mawar"


async def test_without_postgresql_a_process_counts_for_itself() -> None:
    now = 1000.0
    bucket, other = (Bucket(name=name, per_minute=60, burst=3) for name in ("a", "b"))
    async with open_pool(NOWHERE, wait=0.01) as pool:
        limiter = Limiter(pool, lambda: now)
        for _ in range(3):
            await limiter.allow(bucket)
        with pytest.raises(TooMany) as refused:
            await limiter.allow(bucket)
        assert refused.value.retry_after == 1
        await limiter.allow(other)
        now += 1.0
        await limiter.allow(bucket)
        with pytest.raises(TooMany) as refused:
            await limiter.allow(bucket, cost=3)
        assert refused.value.retry_after == 3
        now += 3.0
        await limiter.allow(bucket, cost=50)  # dearer than a whole bucket: all of it


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("nonsense", "unknown"),
    ],
)
def test_an_address_counts_as_its_network(host: str, network: str) -> None:
    assert network_of(HTTPConnection({"type": "http", "client": (host, 1)})) == network
    assert network_of(HTTPConnection({"type": "http", "client": None})) == "unknown"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.BadInput("x"), 422), (errors.BadPolicy("x"), 422), (errors.NotFound("x"), 404), (NoSuchRun("x"), 404),
        (errors.Refused("x"), 409), (errors.Unreachable("x"), 503), (errors.PartlyDone("x"), 500), (TooMany(3), 429),
        (TuntasError("x"), 500), (LookupError(WORDS), 500),
    ],
)  # fmt: skip
def test_every_error_has_its_status(error: Exception, status: int) -> None:
    assert kind_of(error).status == status
    problem = problem_of(error, "https://care.example.test")
    assert problem.status == status
    assert problem.type.startswith("https://care.example.test/api/v1/#")
    assert WORDS not in problem.model_dump_json()
    assert ("retry-after" in headers_of(error)) == (status in (429, 503))


def test_what_stands_behind_us_is_not_told() -> None:
    away = Unreachable("PostgreSQL does not answer", field="database_url", remedy="see DATABASE_URL")
    assert "PostgreSQL" not in problem_of(away, "").model_dump_json()
    command = errors.Refused("not now", remedy="look at the case with `tuntas show`")
    assert "tuntas show" not in problem_of(command, "").remedy


def test_every_kind_of_problem_has_an_example() -> None:
    assert examples()["problems"].keys() == kinds().keys()


def test_a_secret_is_random_and_its_digest_is_what_is_kept() -> None:
    key = new_id()
    first, second = new_secret(key), new_secret(key)
    assert first.token != second.token
    given = _TOKEN.fullmatch(f"Bearer {first.token}")
    assert given is not None
    assert (given[1], digest(given[2])) == (key, first.digest)
