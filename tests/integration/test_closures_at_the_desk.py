"""Closure records read at the desk: by whom, and that it is noted."""

import pytest

from complaints.vocabulary import Role
from database import access
from database.pool import transaction
from tests.fixtures.closed import closed_by_services
from tests.fixtures.working_desk import *  # noqa: F403 (fixtures are found by their names)

pytestmark = pytest.mark.services


@pytest.mark.usefixtures("pango")
async def test_the_desk_links_to_both_forms_and_notes_who_read_them(working):
    await working.people()
    await working.account("mega", Role.AGENT, teams=("management",))
    reference = await closed_by_services(working.services.tuntas)
    siti, mega = await working.signed_in("siti"), await working.signed_in("mega")
    page = (await siti.get(f"/desk/cases/{reference}")).text
    for form, kind in (("html", "text/html; charset=utf-8"), ("pdf", "application/pdf")):
        address = f"/desk/cases/{reference}/closures/1.{form}"
        assert f'href="{address}"' in page
        answer = await siti.get(address)
        assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
        assert (await mega.get(address)).status_code == 404
    indonesian = await siti.get(f"/desk/cases/{reference}/closures/1.html?language=id")
    assert "Berkas penutupan 1" in indonesian.text
    for wrong in ("9.html", "0.pdf", "x.pdf", "1.docx", "999999999999.pdf", "-1.html"):
        assert (await siti.get(f"/desk/cases/{reference}/closures/{wrong}")).status_code == 404, wrong
    async with transaction(working.services.pool) as conn:
        rows = [one for one in await access.fetch(conn, reference=reference) if one.what == "closure"]
    assert {(one.actor_id, one.result) for one in rows} == {("siti", "ok"), ("mega", "refused")}
    for browser in (siti, mega):
        await browser.aclose()
    working.services.close()
