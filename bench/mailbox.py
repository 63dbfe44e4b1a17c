"""Mails in one mailbox turned into cases, a second; beside the bare start of as many workflows on the same stack.

The mailbox is a real one: dovecot where it is installed, else pymap. It is read by the code that the worker's activity
runs, over the same connections a worker has; the worker meanwhile handles the cases, acknowledgements and all.
"""

import asyncio
import time
from datetime import UTC, datetime
from email.message import EmailMessage

import policies
from bench.measure import Options, alternating, middle, ratio, show
from bench.stack import Product, product
from channels.email.imap import place_of
from channels.signing import Signer
from complaints.messages.intake import Intake
from complaints.reference import reference_for
from complaints.vocabulary import Channel
from starter.mailbox.making import reader_of
from starter.mailbox.reader import AT_ONCE
from starter.starting import prepare, start
from tests.fixtures.imap import ADDRESS, ImapServer, any_server

WORDS = "Selamat pagi, barang yang saya terima rusak dan tidak dapat dipakai. Mohon diganti. " * 6
PATIENCE = 300.0


async def run(options: Options) -> None:
    count = options.sized(500, 40)
    numbers = iter(range(1, 1000))
    with any_server() as imap:
        async with product() as side:

            async def mailed() -> float:
                return await _mailed(side, imap, next(numbers), count)

            async def bare() -> float:
                return await _bare(side, next(numbers), count)

            pairs = await alternating(min(options.pairs, 2), mailed, bare)
    show(
        "mailbox",
        mails=count,
        mails_a_second=middle(ours for ours, _ in pairs),
        bare_starts_a_second=middle(theirs for _, theirs in pairs),
        ratio=ratio(pairs),
    )


async def _mailed(side: Product, imap: ImapServer, run: int, count: int) -> float:
    await asyncio.to_thread(imap.deliver, *(_mail(run, number) for number in range(count)))
    signer = Signer("a secret for benches only")
    reader = reader_of(place_of(imap.url), side.tuntas, signer, _now, mail_from=f"Tuntas <{ADDRESS}>")
    began = time.perf_counter()
    seen = await reader.check()
    took = time.perf_counter() - began
    if len({one.reference for one in seen}) != count:
        raise RuntimeError(f"{count} mails became {len({one.reference for one in seen})} cases")
    await _quiet(side)
    return count / took


async def _bare(side: Product, run: int, count: int) -> float:
    """Start as many workflows with the same words, as many at a time, and nothing else."""
    plan = policies.resolve(side.tuntas.policy, _now())
    limit = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        intake = Intake.model_validate(
            {"channel": "email", "key": f"bare-{run}-{number}", "text": WORDS, "received_at": _now()}
        )
        async with limit:
            prepared = prepare(reference_for(Channel.EMAIL, intake.key), intake, plan, _now())
            await start(side.client, prepared, within=PATIENCE)

    began = time.perf_counter()
    await asyncio.gather(*(one(number) for number in range(count)))
    took = time.perf_counter() - began
    await _quiet(side)
    return count / took


async def _quiet(side: Product) -> None:
    """Until the worker has recorded all of them: what one side leaves undone would be the other's burden."""
    before, now = -1, await side.tuntas.count()
    while before != now:
        await asyncio.sleep(3)
        before, now = now, await side.tuntas.count()


def _mail(run: int, number: int) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"] = f"Pelanggan {number} <p{number}@mail.example>", ADDRESS
    mail["Subject"], mail["Message-ID"] = f"Keluhan {number}", f"<{run}.{number}@mail.example>"
    mail.set_content(f"{WORDS}\n{number}")
    return mail.as_bytes()


def _now() -> datetime:
    return datetime.now(UTC)
