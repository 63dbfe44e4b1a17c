"""The closure record as a document by the interface, the desk and the command, on real services."""

import asyncio
import contextlib
import io
import json
import os
import subprocess
import sys
from concurrent.futures.process import BrokenProcessPool

import pypdf
import pytest

from commands import main
from complaints.errors import NotFound, Unreachable
from complaints.reference import reference_for
from complaints.timeline import Entry
from complaints.vocabulary import Kind
from database import access, closures, complaints, timeline
from database.pool import Pool, transaction
from documents import as_pdf
from tests.fixtures.closed import closed_by_services
from tests.fixtures.records import a_batch, a_closure, an_intake, entries
from web import closures as papers
from web import printing
from web.printing import Printer

pytestmark = pytest.mark.services
REFERENCE = reference_for("form", "closure documents")


async def stored(pool: Pool, reference: str = REFERENCE, records: int = 1, noted: int = 3) -> tuple[Entry, ...]:
    """A closed case as workers record it; each of its records rests on all entries so far but the last two."""
    kinds = (Kind.RECEIVED, *[Kind.NOTED] * noted, Kind.CLOSED, Kind.CLOSURE_RECORDED)
    chain = entries(*kinds, reference=reference)
    batch = a_batch(
        reference=reference, through=len(chain), entries=chain, intake=an_intake(),
        standing={"status": "closed", "team": "frontline", "owner": "team:frontline"},
    )  # fmt: skip
    async with transaction(pool) as conn:
        await complaints.upsert(conn, batch)
        await timeline.append(conn, reference, chain)
        for number in range(1, records + 1):
            record = a_closure(reference=reference, number=number, chain_head=chain[-2].hash, outcome="upheld",
                               reasons=f"Alasan {number}.")  # fmt: skip
            await closures.add(conn, record)
    return chain


def command(*arguments: str) -> tuple[int, str, str]:
    out, err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main.run(["closure", *arguments])
        out.flush()
    return code, out.buffer.getvalue().decode("utf-8", "replace"), err.getvalue()


# the command


@pytest.mark.usefixtures("pango")
async def test_the_command_gives_json_html_and_pdf(pool, database_url, monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", database_url)
    chain = await stored(pool, records=2)
    code, out, _ = await asyncio.to_thread(command, REFERENCE)
    record = json.loads(out)
    async with transaction(pool) as conn:
        assert (code, record) == (0, (await closures.stored(conn, REFERENCE))[-1].record)
    assert json.loads((await asyncio.to_thread(command, REFERENCE, "--number", "1"))[1])["reasons"] == "Alasan 1."
    code, out, _ = await asyncio.to_thread(command, REFERENCE, "--format", "html", "--language", "en")
    assert (code, '<html lang="en">' in out, "Alasan 2." in out, chain[-2].hash in out) == (0, True, True, True)
    file = tmp_path / "record.pdf"
    assert (await asyncio.to_thread(command, REFERENCE, "--out", str(file)))[0] == 0
    root = pypdf.PdfReader(file).trailer["/Root"]
    assert (root["/Lang"], bool(root["/MarkInfo"]["/Marked"])) == ("id", True)


async def test_the_command_says_what_is_not_there(pool, database_url, monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", database_url)
    assert (await asyncio.to_thread(command, REFERENCE))[0] == 3
    await stored(pool)
    code, _, err = await asyncio.to_thread(command, REFERENCE, "--number", "7", "--json")
    assert (code, json.loads(err)["field"], json.loads(err)["remedy"]) == (3, "number", "ask for one of 1")
    for given, field in (
        (("--json", "--format", "pdf"), "--format"), (("--out", str(tmp_path / "no" / "x.html")), "--out"),
        (("--format", "docx"), "--format"), (("--language", "xx"), "language"),
    ):  # fmt: skip
        code, _, err = await asyncio.to_thread(command, REFERENCE, *given)
        assert (code, field in err) == (2, True), given


def test_a_machine_without_pango_is_told_what_to_install():
    """In a process of its own, in which the library cannot be found."""
    code = (
        "import sys; sys.modules['weasyprint'] = None\n"
        "import builtins; real = builtins.__import__\n"
        "def missing(name, *rest):\n"
        "    if name == 'weasyprint': raise OSError('cannot load library libpango-1.0-0')\n"
        "    return real(name, *rest)\n"
        "builtins.__import__ = missing\n"
        "from documents import as_pdf\n"
        "from commands.failing import report\n"
        "try: as_pdf('<p>x')\n"
        "except Exception as error: sys.exit(report(error, as_json=True))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=os.environ)
    assert (done.returncode, "apt-get install libpango" in done.stderr) == (5, True), done.stderr


# a long one


async def test_a_case_of_5000_entries_is_bounded_and_says_so(pool):
    await stored(pool, noted=4_998)
    async with transaction(pool) as conn:
        found = await papers.load(conn, REFERENCE)
    assert (found.annex.total, len(found.annex.entries), found.annex.found) == (5_000 - 1 + 1, 500, True)
    sequences = [entry.sequence for entry in found.annex.entries]
    assert sequences == [*range(1, 101), *range(4_601, 5_001)]


async def test_an_erased_entry_shows_as_erased(pool):
    await stored(pool)
    async with transaction(pool) as conn:
        await conn.execute(
            "UPDATE timeline SET detail = NULL, words = NULL WHERE reference = %s AND sequence = 2", (REFERENCE,)
        )
        found = await papers.load(conn, REFERENCE)
    assert found.annex.erased == {2}


async def test_there_is_no_record_of_a_case_that_is_open(pool):
    async with transaction(pool) as conn:
        with pytest.raises(NotFound):
            await papers.load(conn, REFERENCE)


# the printer


@pytest.fixture
async def printer():
    found = Printer()
    yield found
    found.close()


@pytest.mark.usefixtures("pango")
async def test_a_pdf_is_made_in_a_process_apart_while_this_one_goes_on(printer):
    made = asyncio.create_task(printer.pdf("<html lang=id><title>x</title><p>teks</p>"))
    turns = 0
    while not made.done():
        await asyncio.sleep(0)
        turns += 1
    assert (await made).startswith(b"%PDF")
    assert turns > 100


@pytest.mark.usefixtures("pango")
async def test_what_takes_too_long_ends_and_the_next_one_is_made():
    printer = Printer(longest=2)
    try:
        with pytest.raises(Unreachable):
            await printer.pdf("<html lang=id><title>x</title>" + "<table><tr><td>x<td>y</table>" * 20_000)
        printer._longest = 60
        assert (await printer.pdf("<html lang=id><title>x</title><p>teks</p>")).startswith(b"%PDF")
    finally:
        printer.close()


@pytest.mark.usefixtures("pango")
async def test_a_process_that_dies_is_replaced(printer):
    await printer.pdf("<html lang=id><title>x</title><p>teks</p>")
    with pytest.raises((Unreachable, BrokenProcessPool)):
        await asyncio.get_running_loop().run_in_executor(printer._idle[-1], os._exit, 1)
    with contextlib.suppress(Unreachable):
        await printer.pdf("<html lang=id><title>x</title><p>teks</p>")  # it learns of it here
    assert (await printer.pdf("<html lang=id><title>x</title><p>teks</p>")).startswith(b"%PDF")


async def test_who_comes_when_many_wait_is_asked_to_come_again(monkeypatch):
    printer = Printer()
    released = asyncio.Event()
    at_once = 0
    most = 0

    async def slowly(html: str) -> bytes:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await released.wait()
        at_once -= 1
        return html.encode()

    monkeypatch.setattr(printer, "_print", slowly)
    waiting = [asyncio.create_task(printer.pdf(str(n))) for n in range(printing.AT_ONCE + printing.WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(Unreachable):
        await printer.pdf("one more")
    released.set()
    assert len(await asyncio.gather(*waiting)) == len(waiting)
    assert most == printing.AT_ONCE


# the interface


@pytest.mark.usefixtures("pango")
async def test_the_interface_answers_by_accept_and_by_format(api):
    reference = await closed_by_services(api.services.tuntas)
    address = f"/complaints/{reference}/closure"
    for given, kind in (
        ({}, "application/json"),
        ({"headers": {"accept": "application/json, text/html"}}, "application/json"),
        ({"headers": {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}}, "text/html; charset=utf-8"),
        ({"headers": {"accept": "application/pdf"}}, "application/pdf"),
        ({"params": {"format": "html"}, "headers": {"accept": "application/json"}}, "text/html; charset=utf-8"),
        ({"params": {"format": "pdf", "language": "en"}}, "application/pdf"),
        ({"headers": {"accept": "image/png"}}, "application/json"),
    ):  # fmt: skip
        answer = await api.get(address, **given)
        assert (answer.status_code, answer.headers["content-type"]) == (200, kind), given
    assert pypdf.PdfReader(io.BytesIO((await api.get(address, params={"format": "pdf", "language": "en"})).content))
    html = await api.get(address, params={"format": "html", "language": "en"})
    assert '<html lang="en">' in html.text
    assert "sandbox; default-src 'none'; style-src 'sha256-" in html.headers["content-security-policy"]
    assert html.headers["cache-control"] == "private, no-store"
    assert (await api.get(address, params={"format": "docx"})).status_code == 422
    assert (await api.get(f"/complaints/{REFERENCE}/closure", params={"format": "pdf"})).status_code == 404
    async with transaction(api.services.pool) as conn:
        noted = [one.what for one in await access.fetch(conn, reference=reference)]
    assert noted.count("closure") == 9


@pytest.mark.usefixtures("pango")
def test_as_pdf_is_what_the_printer_calls():
    """A process of the pool finds it by name."""
    assert printing._print("<html lang=id><title>x</title>", 60)[:8] == as_pdf("<html lang=id><title>x</title>")[:8]
