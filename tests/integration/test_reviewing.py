"""Reviews at the desk, on real services: drawn, evaluated by a lead, read and answered by whoever handled it."""

import re

import pytest

from complaints.vocabulary import Role
from tests.fixtures.waiting import eventually
from tests.fixtures.working_desk import *  # noqa: F403 (fixtures are found by their names)
from tests.fixtures.working_desk import page_with

pytestmark = pytest.mark.services
SITI, ANDI = {"id": "siti", "role": "agent"}, {"id": "andi", "role": "agent"}


@pytest.fixture
async def people(working):
    await working.people()
    await working.agent("andi")
    await working.account("andi", Role.AGENT, teams=("frontline",))
    await working.account("far", Role.LEAD, teams=("elsewhere",))
    await working.account("lita", Role.LEAD, teams=("specialist",))
    found = {name: await working.signed_in(name) for name in ("siti", "andi", "rina", "audi", "far", "lita")}
    yield found
    for browser in found.values():
        await browser.aclose()


async def closed(working) -> str:
    """A case that was decided by Siti, disputed, decided by her again and confirmed."""
    tuntas = working.services.tuntas
    reference = await working.file()
    decision = {"act": "decide", "outcome": "upheld", "reasons": "Tagihan kami koreksi.", "actor": SITI}
    await tuntas.act(reference, decision | {"key": f"{reference}-1"})
    await tuntas.confirm(reference, key="no", satisfied=False, text="Belum beres.")
    await until(tuntas, reference, "investigation")
    await tuntas.act(reference, decision | {"key": f"{reference}-2"})
    await tuntas.act(
        reference,
        {"act": "assign", "to": "team:frontline", "key": f"{reference}-3", "actor": {"id": "rina", "role": "lead"}},
    )
    await tuntas.act(reference, {"act": "de_escalate", "reason": "ke awal", "key": f"{reference}-4", "actor": SITI})
    await tuntas.confirm(reference, key="yes", satisfied=True, rating=4)
    await until(tuntas, reference, "closed")
    return reference


async def until(tuntas, reference, status):
    await eventually(lambda: tuntas.view(reference), lambda seen: seen.status == status)


def hidden(page, action):
    form = re.search(rf'<form method="post" action="{re.escape(action)}".*?</form>', page, re.DOTALL)
    assert form, f"no form to {action}"
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form[0]))


async def test_a_disputed_case_is_reviewed_and_its_handler_answers(working, people):
    rina, siti = people["rina"], people["siti"]
    reference = await closed(working)
    queue = await page_with(rina, "/desk/reviews", reference)
    assert "disputed" in queue
    place = f"/desk/reviews/{reference}/1"
    page = (await rina.get(place)).text
    assert "Solution: 3.5" in page  # 5, a dispute, and a rating of 4
    assert "disputed once" in page

    empty = await rina.post(place, data=hidden(page, place) | {"note": "Cepat, tetapi kurang lengkap."})
    assert empty.status_code == 422
    assert "Give at least one score." in empty.text
    assert "Cepat, tetapi kurang lengkap." in empty.text
    wrong = await rina.post(place, data=hidden(empty.text, place) | {"speed": "9"})
    assert wrong.status_code == 422
    done = await rina.post(
        place, data=hidden(wrong.text, place) | {"speed": "4", "solution": "2", "coaching": "Tanya dahulu."}
    )
    assert done.status_code == 303
    assert "Done: Evaluate." in (await rina.get(done.headers["location"].partition("#")[0])).text
    await page_with(rina, "/desk/reviews?done=1", reference)
    assert reference not in (await rina.get("/desk/reviews")).text

    own = await page_with(siti, "/desk/my-evaluations", "Tanya dahulu.")
    answer = f"/desk/my-evaluations/{reference}/1"
    blank = await siti.post(answer, data=hidden(own, answer) | {"text": " "})
    assert blank.status_code == 422
    sent = await siti.post(answer, data=hidden(own, answer) | {"text": "Bank sedang tutup."})
    assert sent.status_code == 303
    assert "Bank sedang tutup." in await page_with(siti, "/desk/my-evaluations", "Bank sedang tutup.")
    assert "Bank sedang tutup." in await page_with(rina, place, "Your evaluation was answered")
    again = await siti.post(answer, data=hidden(own, answer) | {"text": "Lagi.", "key": "desk-another"})
    assert again.status_code == 422

    case = (await people["andi"].get(f"/desk/cases/{reference}")).text  # a colleague of the same team
    assert "answered the evaluation" in case
    assert "Bank sedang tutup." not in case
    assert "Tanya dahulu." not in case


async def test_who_may_not_is_refused(working, people):
    reference = await closed(working)
    place = f"/desk/reviews/{reference}/1"
    await page_with(people["rina"], "/desk/reviews", reference)
    assert (await people["siti"].get("/desk/reviews")).status_code == 403
    assert (await people["siti"].get(place)).status_code == 403
    assert (await people["far"].get(place)).status_code == 404
    assert reference not in (await people["far"].get("/desk/reviews")).text
    read = (await people["audi"].get(place)).text
    assert "Your role reads reviews and does not evaluate." in read
    assert f'action="{place}"' not in read
    form = {"key": "desk-x", "speed": "1", "csrf": await people["audi"].token()}
    assert (await people["audi"].post(place, data=form)).status_code == 403
    assert (await people["audi"].get("/desk/my-evaluations")).status_code == 403
    assert reference not in (await people["andi"].get("/desk/my-evaluations")).text
    form = {"key": "desk-y", "text": "Bukan saya.", "csrf": await people["andi"].token()}
    assert (await people["andi"].post(f"/desk/my-evaluations/{reference}/1", data=form)).status_code == 404
    assert (await people["rina"].get("/desk/reviews?after=nonsense")).status_code == 404
    assert (await people["rina"].get(f"/desk/reviews/{reference}/7")).status_code == 404


async def test_a_lead_who_handled_it_does_not_judge_it(working, people):
    tuntas, rina = working.services.tuntas, people["rina"]
    reference = await working.file()
    lead = {"id": "rina", "role": "lead"}
    await tuntas.act(reference, {"act": "respond", "text": "Kami periksa.", "key": "r", "actor": lead})
    decision = {"act": "decide", "outcome": "upheld", "reasons": "Tagihan kami koreksi.", "actor": SITI}
    await tuntas.act(reference, decision | {"key": "d"})
    await tuntas.confirm(reference, key="yes", satisfied=True)
    await until(tuntas, reference, "closed")
    place = f"/desk/reviews/{reference}/1"
    page = await page_with(rina, place, "You handled this case")
    assert f'action="{place}"' not in page
    forced = await rina.post(place, data={"key": "desk-z", "speed": "5", "csrf": await rina.token()})
    assert forced.status_code == 422
    assert "Nobody judges a case they handled." in forced.text
    shown = (await rina.get(f"/desk/cases/{reference}")).text
    assert "Nobody judges a case they handled." in shown


async def test_the_team_page_and_both_languages(working, people):
    await closed(working)
    rina = people["rina"]
    page = await page_with(rina, "/desk/team", "By handler")
    assert "(few)" in page
    await rina.submit("/language", language="id", to="/desk/team")
    assert "Menurut petugas" in (await rina.get("/desk/team")).text
    assert "Perlu ditinjau" in (await rina.get("/desk/reviews")).text


async def test_an_archived_case_is_woken_for_it_and_archived_again(working, people):
    tuntas, lita = working.services.tuntas, people["lita"]
    reference = await working.file(severity="critical")  # with the specialists from the beginning
    close = {"act": "close", "reason": "out_of_scope", "explanation": "Bukan wewenang kami.", "key": "c", "actor": SITI}
    await tuntas.act(reference, close)
    await until(tuntas, reference, "archived")
    place = f"/desk/reviews/{reference}/1"
    page = await page_with(lita, place, "Evaluate")
    done = await lita.post(place, data=hidden(page, place) | {"speed": "3"})
    assert done.status_code == 303
    await page_with(lita, place, "Evaluated by")
    handler = tuntas.client.get_workflow_handle(f"complaint-{reference}")
    assert await handler.result() == "archived"  # the second run has ended too
    kinds = [str(entry.kind) for entry in (await tuntas.view(reference)).timeline]
    assert kinds.index("archived") < kinds.index("evaluation_recorded")
    assert kinds.count("review_wanted") == 1
