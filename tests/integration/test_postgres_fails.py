"""What the server gets wrong is told from what we do: the caller hears that PostgreSQL failed, and may repeat."""

import psycopg
import pytest

from complaints.errors import Unreachable
from database.pool import connection, transaction
from starter import rpc
from tests.fixtures.postgres import *  # noqa: F403 (fixtures are found by their names)
from tests.fixtures.waiting import eventually

pytestmark = pytest.mark.services


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DO $$ BEGIN RAISE 'no room for the log' USING ERRCODE = 'XX000'; END $$", "PostgreSQL has failed (XX000)"),
        ("DO $$ BEGIN RAISE 'a page is torn' USING ERRCODE = 'XX001'; END $$", "PostgreSQL has failed (XX001)"),
        ("SET TRANSACTION READ ONLY; CREATE TABLE written ()", "PostgreSQL takes no writes"),
        ("DO $$ BEGIN RAISE 'full' USING ERRCODE = 'disk_full'; END $$", "PostgreSQL does not answer"),
        ("SELECT nothing FROM nowhere", "the database is not migrated"),
    ],
)
async def test_what_the_server_gets_wrong_is_said_with_a_remedy(pool, statement, said):
    with pytest.raises(Unreachable) as caught:
        async with rpc.postgres(), connection(pool) as conn:
            await conn.execute(statement)
    assert (caught.value.problem, caught.value.field) == (said, "database_url")
    assert caught.value.remedy


async def test_a_transaction_that_the_server_ended_is_no_defect(pool):
    """As one is whose owner has said nothing for a minute."""

    async def silent_for_too_long(other):
        async with rpc.postgres(), transaction(pool) as conn:
            await conn.execute("SET idle_in_transaction_session_timeout = '10ms'")
            await conn.execute("SELECT 1")
            asked = "SELECT 1 FROM pg_stat_activity WHERE pid = %s"
            await eventually(lambda: other.execute(asked, (conn.info.backend_pid,)), lambda found: found.rowcount == 0)
            await conn.execute("SELECT 1")

    async with connection(pool) as other:
        with pytest.raises(Unreachable):
            await silent_for_too_long(other)


async def test_a_mistake_of_ours_stays_one(pool):
    async def mistaken():
        async with rpc.postgres(), transaction(pool) as conn:
            with pytest.raises(psycopg.errors.DivisionByZero):
                await conn.execute("SELECT 1/0")
            await conn.execute("SELECT 1")

    with pytest.raises(psycopg.errors.InFailedSqlTransaction):
        await mistaken()
