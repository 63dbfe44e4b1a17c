"""The desk's pages on real services: queues, the case page, every answer that a form can get."""

import asyncio
import csv
import io
import re
from datetime import UTC, datetime

import pytest

from complaints.vocabulary import Language, Role, Status
from starter.client import connect
from tests.fixtures.temporal import PATIENCE
from tests.fixtures.waiting import eventually
from tests.fixtures.workers import workers
from tests.fixtures.working_desk import *  # noqa: F403 (fixtures are found by their names)
from tests.fixtures.working_desk import Form, WorkingDesk, page_with, send, services_of

pytestmark = pytest.mark.services
NASTY = "<script>alert(1)</script><style>*{display:none}</style>{{ 7*7 }}"


@pytest.fixture
async def siti(working):
    await working.people()
    browser = await working.signed_in("siti")
    yield browser
    await browser.aclose()


async def test_a_case_is_taken_answered_and_decided_from_its_page(working, siti):
    reference = await working.file()
    page = (await siti.get(f"/desk/cases/{reference}")).text
    assert "Tagihan saya dihitung dua kali." in page
    assert f"namespaces/default/workflows/complaint-{reference}" in page
    assert (await send(siti, reference, "assign", to="agent:siti")).status_code == 303
    shown = await send(siti, reference, "answer", text="Kami periksa.", preview="1", **{"as": "respond"})
    assert "Berikut tanggapan petugas kami" in shown.text  # as the complainant will read it
    answered = await send(siti, reference, "answer", text="Kami periksa.", **{"as": "respond"})
    assert answered.status_code == 303
    page = (await siti.get(answered.headers["location"].partition("#")[0])).text
    assert "Done: Answer." in page
    assert "Kami periksa." in page
    await send(
        siti, reference, "decide", outcome="upheld", reasons="Tagihan kami koreksi.",
        **{"remedies-solution": "refund", "remedies-detail": "", "remedies-cost": "Rp 250.000"},
    )  # fmt: skip
    view = await working.services.tuntas.view(reference)
    assert view.status is Status.RESOLVED
    page = (await siti.get(f"/desk/cases/{reference}")).text
    assert "Not in status" in page  # a decided case is not decided again, and the page says why


async def test_a_dispute_stands_on_top_in_their_words_until_it_is_answered(working, siti):
    tuntas, reference = working.services.tuntas, await working.file()
    await send(siti, reference, "assign", to="agent:siti")
    await send(siti, reference, "decide", outcome="not_upheld", reasons="Tagihan benar.")
    await tuntas.confirm(reference, key="no", satisfied=False, text="Saya tidak membeli yang kedua.")
    await working.agent("ani", tier="specialist", team="specialist")
    await working.account("ani", Role.AGENT, teams=("specialist",))
    ani = await working.signed_in("ani")  # whoever handles it next
    page = (await ani.get(f"/desk/cases/{reference}")).text
    top = page[: page.index('id="words-title"')]
    assert "They do not accept the decision" in top
    assert "Saya tidak membeli yang kedua." in top
    await tuntas.reply(reference, key="more", text="Ini buktinya.")
    page = (await ani.get(f"/desk/cases/{reference}")).text
    assert "Ini buktinya." in page[: page.index('id="words-title"')]
    await send(ani, reference, "decide", outcome="upheld", reasons="Anda benar.")
    page = (await ani.get(f"/desk/cases/{reference}")).text
    assert 'id="waits"' not in page
    await ani.aclose()


async def closed(working, siti):
    tuntas, reference = working.services.tuntas, await working.file()
    await send(siti, reference, "decide", outcome="upheld", reasons="Benar.")
    await tuntas.confirm(reference, key="yes", satisfied=True)
    assert (await tuntas.view(reference)).status is Status.CLOSED
    return tuntas, reference


async def test_a_request_to_reopen_is_in_a_queue_and_declined_with_a_reason(working, siti):
    tuntas, reference = await closed(working, siti)
    assert reference not in (await siti.get("/desk/queues/requests")).text
    await tuntas.confirm(reference, key="no", satisfied=False, text="Muncul lagi.")
    page = await page_with(siti, "/desk/queues/requests", reference)
    assert "Reopen, or say why not" in page
    page = (await siti.get(f"/desk/cases/{reference}")).text
    assert "They ask to open the case again" in page
    shown = await send(siti, reference, "decline_reopening", reason="")
    assert shown.status_code == 422
    told = await send(siti, reference, "decline_reopening", reason="Tagihan itu sudah lunas.")
    assert told.status_code == 303, told.text
    assert "reopening_declined" in [notice.occasion for notice in (await tuntas.view(reference)).notices]
    async with asyncio.timeout(PATIENCE):
        while reference in (await siti.get("/desk/queues/requests")).text:
            await asyncio.sleep(0.1)
    assert 'id="waits"' not in (await siti.get(f"/desk/cases/{reference}")).text


async def test_a_case_is_reopened_on_the_facts_that_were_ticked_and_only_once(working, siti):
    tuntas, reference = await closed(working, siti)
    await tuntas.reply(reference, key="photo", text="Fotonya menyusul.")
    await tuntas.confirm(reference, key="no", satisfied=False, text="Muncul lagi.")
    page = (await siti.get(f"/desk/cases/{reference}")).text
    (said,) = [e.sequence for e in (await tuntas.view(reference)).timeline if e.kind == "complainant_replied"]
    assert f'name="facts" id="fact-{said}" value="{said}"' in page
    again = {"reason": "problem_returned", "text": "Bocor lagi", "facts": str(said)}
    assert (await send(siti, reference, "reopen", page=page, **again)).status_code == 303
    (entry,) = [e for e in (await tuntas.view(reference)).timeline if e.kind == "reopened"]
    assert said in entry.detail["facts"]
    assert len(entry.detail["facts"]) == 2, "the request that is answered is linked too"
    hidden = Form(page, "reopen").hidden
    later = {**hidden, "key": "desk-other", "based_on": str((await tuntas.workbench(reference)).sequence)}
    refused = await siti.post(f"/desk/cases/{reference}/acts/reopen", data={**later, **again})
    assert refused.status_code == 422
    assert "The case is open again already: siti reopened it" in refused.text
    assert "Bocor lagi</textarea>" in refused.text, "what was typed is kept"


async def test_my_work_says_what_comes_next_and_search_finds_in_both_languages(working, siti):
    reference = await working.file()
    english = await working.file(text="The kettle was leaking", complainant={"name": "Dan", "language": "en"})
    await send(siti, reference, "assign", to="agent:siti")
    # Once the acknowledgement is recorded as sent; in the case's own row, for what nobody has yet is on this page too.
    row = rf'<a href="/desk/cases/{reference}">(?:(?!</tr>).)*Answer for the first time(?:(?!</tr>).)*>siti<'
    await eventually(lambda: siti.get("/desk"), lambda seen: re.search(row, seen.text, re.DOTALL))
    await page_with(siti, "/desk/queues/all?q=leaks", english)
    await page_with(siti, "/desk/queues/all?q=menghitung", reference)
    assert reference not in (await siti.get("/desk/queues/all?q=leaks")).text
    assert (await siti.get(f"/desk/queues/all?q={reference.lower()}")).headers["location"].endswith(reference)


async def test_actions_are_added_changed_done_and_cancelled_on_the_page_and_shown_as_what_one_owes(working, siti):
    reference = await working.file()
    tuntas = working.services.tuntas
    refused = await send(siti, reference, "add_action", description="Cek label", kind="corrective")
    assert refused.status_code == 422
    assert "needs an owner" in refused.text
    assert "Cek label" in refused.text
    for kind, owner in (("corrective", "agent:siti"), ("promise", "agent:rina")):
        added = await send(siti, reference, "add_action", description=f"Cek {kind}", kind=kind, owner=owner)
        assert added.status_code == 303, added.text
    await page_with(siti, "/desk", "Cek corrective")
    changed = await send(
        siti, reference, "change_action", action="2", due_at="2030-01-02T10:00", reason="Pemasok terlambat"
    )
    assert changed.status_code == 303
    await send(siti, reference, "complete_action", action="2")
    page = (await siti.get(f"/desk/cases/{reference}")).text
    assert "the complainant has not answered" in page
    await send(siti, reference, "record_confirmation", satisfied="no", how="telepon", action="2", text="Belum")
    await send(siti, reference, "cancel_action", action="1", reason="Tidak perlu")
    owed = (await tuntas.view(reference)).actions
    assert [(one.kind, one.answer, one.cancelled_at is None) for one in owed] == [
        ("corrective", None, False), ("promise", "denied", True),
    ]  # fmt: skip
    page = (await siti.get(f"/desk/cases/{reference}")).text
    assert "not kept, says the complainant" in page


async def test_a_root_cause_is_written_as_a_chain_with_measures_and_its_weak_ends_are_shown(working, siti):
    reference = await working.file()
    chain = {
        "category": "process", "cause": "Petugas lupa", "method": "five_whys", "fishbone_class": "procedures",
        "whys-why": ["Mengapa tagihan salah?", "Mengapa tarif lama?"], "whys-answer": ["Tarif lama", "Lupa diganti"],
        "whys-evidence": ["tagihan Mei", ""],
    }  # fmt: skip
    looping = {**chain, "whys-answer": ["Tarif lama", "Tarif lama"]}
    refused = await send(siti, reference, "record_root_cause", **looping)
    assert refused.status_code == 422
    assert "The chain loops" in refused.text
    assert 'value="Mengapa tarif lama?"' in refused.text
    nobody = {"corrective_actions-description": "Cek tarif", "corrective_actions-owner": ""}
    assert (await send(siti, reference, "record_root_cause", **chain, **nobody)).status_code == 422
    measures = {
        "corrective_actions-description": ["Cek tarif"], "corrective_actions-owner": ["agent:siti"],
        "corrective_actions-due_at": ["2030-01-02T10:00"],
    }  # fmt: skip
    saved = await send(siti, reference, "record_root_cause", **chain, **measures)
    assert saved.status_code == 303, saved.text
    page = (await siti.get(f"/desk/cases/{reference}")).text
    assert "Weak ends" in page
    assert "It stops at somebody who erred" in page
    (action,) = (await working.services.tuntas.view(reference)).actions
    assert (action.kind, action.owner, action.due_at.isoformat()) == (
        "corrective", "agent:siti", "2030-01-02T03:00:00+00:00",
    )  # fmt: skip


async def test_a_stale_form_shows_what_is_new_and_keeps_what_was_typed(working, siti):
    reference = await working.file()
    page = (await siti.get(f"/desk/cases/{reference}")).text
    await working.services.tuntas.reply(reference, key="reply-1", text="Ternyata sudah dikoreksi.")
    await page_with(siti, f"/desk/cases/{reference}", "Ternyata sudah dikoreksi.")
    stale = await send(siti, reference, "answer", page=page, text="Kami akan mengoreksi.", **{"as": "respond"})
    assert stale.status_code == 409
    assert "The case has moved on" in stale.text
    assert "Kami akan mengoreksi." in stale.text
    assert "responded" not in [str(e.kind) for e in (await working.services.tuntas.view(reference)).timeline]
    again = await send(siti, reference, "answer", page=stale.text, text="Kami akan mengoreksi.", **{"as": "respond"})
    assert again.status_code == 303


async def test_a_form_sent_twice_is_one_command(working, siti):
    reference = await working.file()
    page = (await siti.get(f"/desk/cases/{reference}")).text
    first, second = await asyncio.gather(*(send(siti, reference, "note", page=page, text="sekali") for _ in range(2)))
    assert first.status_code == second.status_code == 303
    kinds = [str(entry.kind) for entry in (await working.services.tuntas.view(reference)).timeline]
    assert kinds.count("noted") == 1


async def test_what_is_too_long_is_refused_with_its_field_and_kept(working, siti):
    reference = await working.file()
    text = "a" * 100_000
    answer = await send(siti, reference, "answer", text=text, **{"as": "respond"})
    assert answer.status_code == 422
    assert "too long" in answer.text
    assert text in answer.text


async def test_script_and_style_stay_text_in_every_field(working, siti):
    reference = await working.file(text=NASTY, subject="<b>x</b>", complainant={"name": NASTY, "language": "en"})
    for place, fields in {
        "note": {"text": NASTY}, "hold": {"reason": NASTY}, "answer": {"text": NASTY, "as": "respond"},
    }.items():  # fmt: skip
        await send(siti, reference, place, **fields)
    for path in (f"/desk/cases/{reference}", f"/desk/cases/{reference}/why", "/desk", "/desk/queues/all"):
        page = (await siti.get(path)).text
        assert "<script>alert" not in page
        assert "<style>" not in page
        assert "49" not in re.findall(r"&lt;/style&gt;(\S+)", page)


async def test_a_refused_command_says_why_in_the_readers_language(working, siti):
    reference = await working.file()
    page = (await siti.get(f"/desk/cases/{reference}")).text
    answer = await send(siti, reference, "hold", page=page, reason="pabrik", review_at="2020-01-01T10:00")
    assert answer.status_code == 422
    assert "The review date has passed." in answer.text
    assert "pabrik" in answer.text


async def test_a_workflow_that_is_gone_is_said_and_the_case_can_be_read(working, siti):
    reference = await working.file()
    await page_with(siti, "/desk/queues/all", reference)
    await working.services.tuntas.client.get_workflow_handle(f"complaint-{reference}").terminate()
    answer = await send(siti, reference, "note", text="masih ada?")
    assert answer.status_code == 503
    assert "There is no workflow for this case any more" in answer.text
    assert "Tagihan saya dihitung dua kali." in answer.text
    assert "masih ada?" in answer.text


async def test_temporal_away_the_desk_reads_on_and_keeps_what_was_typed(desk, working, siti):
    reference = await working.file()
    page = (await siti.get(f"/desk/cases/{reference}")).text
    await page_with(siti, "/desk/queues/all", reference)
    async with await siti_away(desk, siti) as cut:
        seen = await cut.get(f"/desk/cases/{reference}")
        assert "The case itself does not answer." in seen.text
        answer = await send(cut, reference, "answer", page=page, text="Jangan hilang.", **{"as": "respond"})
        assert answer.status_code == 503
        assert "Jangan hilang." in answer.text
    assert "Jangan hilang." in (await siti.get(f"/desk/cases/{reference}")).text  # kept as a draft


async def siti_away(desk, siti):
    """The same session at a process whose Temporal is away."""
    browser = desk.browser()
    browser.cookies = siti.cookies
    return browser


async def test_each_role_sees_and_does_what_it_may(working, siti):
    reference = await working.file()
    auditor = await working.signed_in("audi")
    page = (await auditor.get(f"/desk/cases/{reference}")).text
    assert "Your role does not allow it." in page
    assert 'action="/desk/cases/' not in page
    await working.account("far", Role.AGENT, teams=("management",))
    stranger = await working.signed_in("far")
    assert (await stranger.get(f"/desk/cases/{reference}")).status_code == 404
    assert (await siti.get("/desk/team")).status_code == 403
    for browser in (auditor, stranger):
        await browser.aclose()


async def test_a_lead_sees_load_and_marks_somebody_away(working, siti):
    reference = await working.file()
    await send(siti, reference, "assign", to="agent:siti")
    await page_with(siti, "/desk/queues/mine", reference)
    lead = await working.signed_in("rina")
    assert "Load by team" in (await lead.get("/desk/team")).text
    done = await lead.submit("/desk/team/siti/presence", present="no", substitute="rina")
    assert done.status_code == 303
    assert ">away" in (await lead.get("/desk/team")).text.replace("\n", "")
    await lead.aclose()


async def test_a_call_is_entered_once_and_alike_ones_are_shown(working, siti):
    page = (await siti.get("/desk/new")).text
    hidden = dict(re.findall(r'<input type="hidden" name="(key|csrf)" value="([^"]*)">', page))
    call = {**hidden, "channel": "phone", "text": "Paket saya hilang di gudang", "language": "id", "name": "Adi"}
    first, second = [await siti.post("/desk/new", data=call) for _ in range(2)]
    assert first.headers["location"] == second.headers["location"]
    reference = re.search(r"TTS-\w+", first.headers["location"])[0]
    await page_with(siti, "/desk/queues/all", reference)
    same = "Paket saya hilang di gudang kemarin"
    alike = await until_alike(siti, reference, text=same, name="Adi", email="adi@")  # half an address
    assert "the same complainant" in alike
    assert reference not in (await siti.submit("/desk/new/similar", text="Tagihan listrik keliru", name="Adi")).text
    assert "No open complaint" in (await siti.submit("/desk/new/similar", text="", name="Adi")).text
    empty = await siti.post("/desk/new", data={**call, "text": " "})
    assert empty.status_code == 422
    assert "Please fill this in." in empty.text


async def test_every_page_speaks_indonesian(working, siti):
    reference = await working.file()
    await working.account("budi", Role.LEAD, teams=("frontline",), language=Language.ID)
    budi = await working.signed_in("budi")
    for path, text in {
        "/desk": "Pekerjaan saya", "/desk/queues/all": "Semua yang terbuka", "/desk/new": "Catat pengaduan",
        "/desk/team": "Beban per tim", f"/desk/cases/{reference}": "Percakapan dan catatan",
        f"/desk/cases/{reference}/why": "Mengapa tanggal itu",
    }.items():  # fmt: skip
        found = await budi.get(path)
        assert found.status_code == 200, path
        assert text in found.text
        assert len(found.content) < 100_000
    await budi.aclose()


async def until_alike(browser, reference, **typed):
    answer = await eventually(
        lambda: browser.submit("/desk/new/similar", **typed), lambda answer: reference in answer.text
    )
    return answer.text


async def test_a_possible_duplicate_is_merged_and_the_merge_undone(working, siti):
    words = "Mesin cuci yang saya beli berbunyi keras sekali sejak hari pertama dipakai."
    first = await working.file(text=words)
    await page_with(siti, "/desk/queues/all", first)
    second = await working.file(text=words)
    page = await page_with(siti, f"/desk/cases/{second}", f"Merge this case into {first}")
    assert "Undo the merge: Not in status" in page
    assert (await send(siti, second, "merge", page=page, into=first)).status_code == 303
    merged = await page_with(siti, f"/desk/cases/{second}", "This case is merged into")
    assert f'href="/desk/cases/{first}"' in merged
    assert second in await page_with(siti, f"/desk/cases/{first}", "Merged into this one:")
    merged = await page_with(siti, f"/desk/cases/{second}", 'id="form-unmerge"')
    assert (await send(siti, second, "unmerge", page=merged, reason="Lain barang.")).status_code == 303
    assert "This case is merged into" not in (await siti.get(f"/desk/cases/{second}")).text
    assert "goes on by itself again" in await page_with(siti, f"/desk/cases/{first}", "goes on by itself again")


async def test_cases_of_other_teams_are_no_hint(working, siti):
    words = "Kulkas yang saya beli tidak dingin sama sekali sejak dipasang."
    first, second = [await working.file(text=words) for _ in range(2)]
    await page_with(siti, f"/desk/cases/{second}", f"Merge this case into {first}")
    await working.account("far", Role.LEAD, teams=("management",))
    stranger = await working.signed_in("far")
    assert "No open complaint" in (await stranger.submit("/desk/new/similar", text=words, name="Ratna")).text
    await stranger.aclose()


async def test_every_read_and_every_command_is_in_the_access_log(working, siti):
    reference = await working.file()
    page = (await siti.get(f"/desk/cases/{reference}")).text
    await siti.get(f"/desk/cases/{reference}/why")
    await siti.get(f"/desk/cases/{reference}/evidence/{'0' * 64}")
    await send(siti, reference, "answer", page=page, text="Kami periksa.", preview="1", **{"as": "respond"})
    await send(siti, reference, "answer", page=page, text="Kami periksa.", **{"as": "respond"})
    await send(siti, reference, "hold", reason="pabrik", review_at="2020-01-01T10:00")
    await working.account("far", Role.AGENT, teams=("management",))
    stranger = await working.signed_in("far")
    assert (await stranger.get(f"/desk/cases/{reference}")).status_code == 404
    auditor = await working.signed_in("audi")
    await auditor.get(f"/desk/cases/{reference}")
    assert (await siti.post(f"/desk/cases/{reference}/acts/approve", data=Form(page, "note").hidden)).status_code == 403
    rows = await logged(auditor, reference)
    seen = {(row["actor_id"], row["what"], row["about"], row["result"]) for row in rows}
    assert {
        ("siti", "case", "", "ok"), ("siti", "why", "", "ok"), ("siti", "evidence", "0" * 64, "ok"),
        ("siti", "preview", "respond", "ok"), ("siti", "respond", "", "ok"), ("siti", "hold", "", "refused"),
        ("siti", "approve", "", "refused"), ("far", "case", "", "refused"), ("audi", "case", "", "ok"),
    } <= seen  # fmt: skip
    assert [row["what"] for row in rows].count("respond") == 1  # the preview was none
    assert "Kami periksa" not in str(rows)
    assert f">{reference}<" in (await auditor.get(f"/desk/access?reference={reference}&result=refused")).text
    for browser in (stranger, auditor):
        await browser.aclose()


async def logged(auditor, reference):
    text = (await auditor.get(f"/desk/access/export.csv?reference={reference}")).text
    return list(csv.DictReader(io.StringIO(text)))


async def test_a_command_that_waits_for_a_worker_is_logged_as_queued(temporal_address, database_url, pool):
    async with await connect(
        database_url=database_url, target_host=temporal_address, within=8, wait=0.3
    ) as tuntas:  # fmt: skip
        desk = WorkingDesk(services_of(tuntas), [datetime.now(UTC)])
        await desk.people()
        async with workers(temporal_address, pool):
            reference = await desk.file()
            siti, auditor = await desk.signed_in("siti"), await desk.signed_in("audi")
            page = await page_with(siti, f"/desk/cases/{reference}", "form-note")
            await page_with(siti, "/desk/queues/all", reference)
        assert "queued=1" in (await send(siti, reference, "note", page=page, text="nanti")).headers["location"]
        assert [row["result"] for row in await logged(auditor, reference) if row["what"] == "note"] == ["queued"]
        for browser in (siti, auditor):
            await browser.aclose()
