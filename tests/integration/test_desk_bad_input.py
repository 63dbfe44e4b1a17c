"""What nobody should send to the desk: nothing happens twice, nothing is shown to strangers, nothing is lost."""

import asyncio
import re

import pytest

from complaints.vocabulary import Role, Status
from tests.fixtures.working_desk import *  # noqa: F403 (fixtures are found by their names)
from tests.fixtures.working_desk import Form, page_with, send
from tests.integration.test_desk import NASTY, siti  # noqa: F401 (a fixture)
from web.desk.forms import MODELS, fields_of

pytestmark = pytest.mark.services
DIGEST = "0" * 64
TYPED = ("text", "line", "short")


async def test_a_guessed_case_of_another_team_is_not_there_for_anything(working, siti):  # noqa: F811
    reference = await working.file()
    page = (await siti.get(f"/desk/cases/{reference}")).text
    await working.account("far", Role.LEAD, teams=("management",))
    await working.agent("boss", tier="management", team="management")
    stranger = await working.signed_in("far")
    for path in ("", "/why", f"/evidence/{DIGEST}"):
        assert (await stranger.get(f"/desk/cases/{reference}{path}")).status_code == 404, path
    form = Form(page, "note").hidden | {"csrf": await stranger.token(), "text": "x"}
    for act in MODELS:
        assert (await stranger.post(f"/desk/cases/{reference}/acts/{act}", data=form)).status_code == 404, act
    assert (await stranger.post(f"/desk/cases/{reference}/drafts/note", data=form)).status_code == 404
    assert reference not in (await stranger.get(f"/desk/queues/all?q={reference[:9]}")).text
    assert (await stranger.submit("/desk/team/siti/presence", present="no")).status_code == 404
    assert (await stranger.submit("/desk/team/boss/presence", present="no")).status_code == 303
    assert "noted" not in await kinds(working, reference)
    await stranger.aclose()


async def kinds(working, reference):
    return [str(entry.kind) for entry in (await working.services.tuntas.view(reference)).timeline]


async def test_a_form_replayed_after_others_have_acted_does_nothing_again(working, siti):  # noqa: F811
    reference = await working.file()
    page = (await siti.get(f"/desk/cases/{reference}")).text
    assert (await send(siti, reference, "note", page=page, text="sekali")).status_code == 303
    await working.services.tuntas.reply(reference, key="reply-1", text="Sudah ada kabar?")
    await page_with(siti, f"/desk/cases/{reference}", "Sudah ada kabar?")
    await send(siti, reference, "note", page=page, text="sekali")
    assert (await kinds(working, reference)).count("noted") == 1


async def test_a_forged_form_is_none(working, siti):  # noqa: F811
    reference = await working.file()
    form = Form((await siti.get(f"/desk/cases/{reference}")).text, "note").hidden | {"text": "x"}
    rina = await working.signed_in("rina")
    address = f"/desk/cases/{reference}/acts/note"
    for wrong, status in (
        ({"csrf": "0" * 64}, 403), ({"csrf": await rina.token()}, 403), ({"key": ""}, 400), ({"key": "mine"}, 400),
        ({"based_on": ""}, 400), ({"based_on": "-1"}, 400), ({"based_on": "9" * 30}, 400),
    ):  # fmt: skip
        assert (await siti.post(address, data=form | wrong)).status_code == status, wrong
    elsewhere = await siti.post(address, data=form, headers={"origin": "https://evil.example"})
    assert elsewhere.status_code == 403
    assert (await siti.post(f"/desk/cases/{reference}/acts/nothing", data=form)).status_code == 404
    assert "noted" not in await kinds(working, reference)
    await rina.aclose()


async def test_script_and_style_stay_text_in_every_text_field_of_every_command(working, siti):  # noqa: F811
    reference = await working.file()
    lead, tried = await working.signed_in("rina"), 0
    token = await lead.token()
    for act in MODELS:
        typed = {field.name: NASTY for field in fields_of(act, {}) if field.kind in TYPED}
        lists = dict.fromkeys(("remedies-detail", "whys-why", "whys-answer", "whys-evidence"), NASTY)
        seen = await working.services.tuntas.view(reference)
        hidden = {"csrf": token, "key": f"desk-nasty-{act}", "based_on": str(seen.timeline[-1].sequence)}
        answer = await lead.post(f"/desk/cases/{reference}/acts/{act}", data={**hidden, **typed, **lists})
        shown = answer.text + (await lead.get(f"/desk/cases/{reference}")).text
        tried += len(typed)
        assert "<script>alert" not in shown, act
        assert "<style>" not in shown, act
        assert "49" not in re.findall(r"&lt;/style&gt;(\S+)", shown), act
    assert tried > 20
    await lead.aclose()


async def test_of_two_opposite_commands_at_once_one_is_done_and_the_other_says_why(working, siti):  # noqa: F811
    reference = await working.file()
    await working.account("lina", Role.LEAD, teams=("frontline", "supervisor"))
    await working.agent("lina", tier="supervisor", team="supervisor", role=Role.LEAD)
    remedy = {"remedies-solution": "refund", "remedies-detail": "seluruhnya", "remedies-cost": "5000000"}
    assert (await send(siti, reference, "decide", outcome="upheld", reasons="Keliru.", **remedy)).status_code == 303
    leads = [await working.signed_in(name) for name in ("rina", "lina")]
    pages = [(await lead.get(f"/desk/cases/{reference}")).text for lead in leads]
    answers = await asyncio.gather(
        send(leads[0], reference, "approve", page=pages[0]),
        send(leads[1], reference, "decline", page=pages[1], reason="Terlalu mahal."),
    )
    assert sorted(answer.status_code for answer in answers) in ([303, 409], [303, 422])
    status = (await working.services.tuntas.view(reference)).status
    said = await kinds(working, reference)
    assert (said.count("decision_approved"), said.count("decision_declined")) in ((1, 0), (0, 1))
    assert status is (Status.RESOLVED if "decision_approved" in said else Status.INVESTIGATION)
    loser = next(answer for answer in answers if answer.status_code != 303)
    assert 'role="alert"' in loser.text
    if loser is answers[1]:
        assert "Terlalu mahal." in loser.text  # what was typed is still there
    for lead in leads:
        await lead.aclose()
