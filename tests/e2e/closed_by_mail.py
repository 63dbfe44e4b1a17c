"""A case closed by confirmation over e-mail, from first mail to follow-up: `python -m tests.e2e.closed_by_mail`.

A real stack, a real IMAP server (dovecot where it is installed) and a real SMTP server. The policy is `id.default` with
a follow-up after seconds instead of a week. Printed are the mails in their order and the whole timeline.
"""

import asyncio
import tempfile
from collections.abc import Callable
from contextlib import AsyncExitStack
from email.message import EmailMessage
from pathlib import Path
from typing import NamedTuple

from commands.session import quiet_runtime
from commands.stack import Stack, StackOptions, erase
from complaints.messages.view import CaseView
from starter.client import Tuntas, connect
from tests.fixtures.correspondent import Correspondent, mail_exchanger
from tests.fixtures.imap import ADDRESS, any_server
from tests.fixtures.waiting import eventually

POLICY = """\
extends: id.default
pack: brief
clocks:
  follow_up: {targets: [{target: 3 seconds}]}
"""
SIGNED = "a secret for tests only"
_AGENT = {"id": "siti", "role": "agent"}
_PATIENCE = 90.0


class Played(NamedTuple):
    """`mails` in their order: who wrote, and the mail."""

    seen: CaseView
    mails: tuple[tuple[str, EmailMessage], ...]


async def play(home: Path) -> Played:
    """Let it happen in a stack whose state is in `home`."""
    pack = home.parent / "brief"
    pack.mkdir()
    (pack / "policy.yaml").write_text(POLICY)
    async with AsyncExitStack() as stack:
        imap = stack.enter_context(any_server())
        exchanger = await stack.enter_async_context(mail_exchanger(imap).listening())
        told = {
            "TUNTAS_IMAP_URL": imap.url, "TUNTAS_SECRET": SIGNED, "TUNTAS_MAIL_FROM": f"Tuntas <{ADDRESS}>",
            "TUNTAS_POLICY": str(pack),
        }  # fmt: skip
        options = {"home": home, "prepare": "database.migrate:migrate", "worker_environment": told}
        info = await stack.enter_async_context(Stack(StackOptions.model_validate(options)))
        tuntas = await stack.enter_async_context(
            await connect(
                database_url=info.database_url,
                target_host=info.temporal_address,
                namespace=info.namespace,
                runtime=quiet_runtime(),
            )
        )
        rina = Correspondent("rina@mail.example", exchanger=exchanger, catcher=home / "mail")
        return await _conversation(tuntas, rina)


async def _conversation(tuntas: Tuntas, rina: Correspondent) -> Played:
    mails: list[tuple[str, EmailMessage]] = []

    async def wrote(mail: EmailMessage) -> None:
        mails.append(("Rina", mail))

    async def came(occasion: str) -> EmailMessage:
        mail = await rina.mail_of(occasion, _PATIENCE)
        mails.append(("Tuntas", mail))
        return mail

    await wrote(await rina.write("Tagihan ganda", "Selamat pagi,\n\ntagihan saya dihitung dua kali."))
    acknowledged = await came("acknowledgement")
    reference = acknowledged["X-Tuntas-Notice"].split("/")[0]
    await _act(tuntas, reference, "assess", category="billing", severity="minor")
    await _act(tuntas, reference, "respond", text="Kami sedang memeriksa kedua tagihan Anda.")
    answered = await came("response")
    await wrote(await rina.answer(answered, "Terima kasih, saya tunggu."))
    await _until(tuntas, reference, lambda seen: "complainant_replied" in _kinds(seen))
    await _act(tuntas, reference, "decide", outcome="upheld", reasons="Tagihan kedua kami batalkan.", remedies=[])
    decided = await came("decision")
    await wrote(await rina.answer(decided, "Ya, sudah selesai. Terima kasih"))
    await _until(tuntas, reference, lambda seen: seen.status == "closed")
    await came("closed_confirmed")
    await came("follow_up")
    seen = await _until(
        tuntas, reference,
        lambda seen: any(n.occasion == "follow_up" and n.handed_over_at is not None for n in seen.notices),
    )  # fmt: skip
    return Played(seen, tuple(mails))


async def _act(tuntas: Tuntas, reference: str, act: str, **fields: object) -> None:
    await tuntas.act(reference, {"act": act, "key": act, "actor": _AGENT, **fields})


async def _until(tuntas: Tuntas, reference: str, holds: Callable[[CaseView], bool]) -> CaseView:
    return await eventually(lambda: tuntas.view(reference), holds, within=_PATIENCE)


def _kinds(seen: CaseView) -> list[str]:
    return [str(entry.kind) for entry in seen.timeline]


def written(mail: EmailMessage) -> str:
    """What a mail says, without what it quotes."""
    body = mail.get_body(("plain",))
    lines = body.get_content().splitlines() if body is not None else []
    return "\n".join(line for line in lines if not line.startswith(">")).strip()


def told(played: Played) -> str:
    """The conversation and the timeline as text."""
    lines = [f"{played.seen.reference}: {played.seen.status}, {played.seen.closing_reason}", ""]
    for who, mail in played.mails:
        lines += [f"--- {who}: {mail['Subject']}", f"    Message-ID: {mail['Message-ID']}"]
        lines += [f"    In-Reply-To: {mail['In-Reply-To']}"] if mail["In-Reply-To"] else []
        lines += [*(f"    {line}" for line in written(mail).splitlines() if line), ""]
    for entry in played.seen.timeline:
        said = " ".join(", ".join(f"{name}={value}" for name, value in entry.detail.items()).split())
        lines.append(f"{entry.sequence:3} {entry.at:%H:%M:%S} {entry.kind} ({entry.actor.role}) {said}"[:160])
    return "\n".join(lines)


async def main() -> None:
    with tempfile.TemporaryDirectory(prefix="tuntas-mail-") as directory:
        home = Path(directory) / "home"
        try:
            print(told(await play(home)))
        finally:
            erase(home)


if __name__ == "__main__":
    asyncio.run(main())
