"""The complaints of a desk that lives: fifteen courses of events, each in both languages. Nobody's real complaint."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from commands.demo.words import WORDS, Words
from complaints.vocabulary import Channel, Language, Severity

Step = Mapping[str, Any]


class Told(NamedTuple):
    """A complaint of `hours` ago, and what happened to it since: commands of agents, and words of the complainant."""

    key: str
    language: Language
    name: str
    text: str
    hours: float
    steps: tuple[Step, ...] = ()
    category: str = "defective_product"
    severity: Severity | None = None
    channel: Channel = Channel.EMAIL


NAMES = {
    Language.ID: ("Ratna", "Bayu", "Dewi", "Eko", "Fitri", "Galih", "Hana", "Indra", "Joko", "Kartika", "Lukman",
                  "Mega", "Nanda", "Oki", "Putri"),
    Language.EN: ("Daniel", "Alice", "Ben", "Clara", "David", "Emma", "Frank", "Grace", "Henry", "Iris", "Jack",
                  "Kate", "Liam", "Mary", "Noah"),
}  # fmt: skip
TEXTS = {
    Language.ID: {
        "bill": "Tagihan bulan ini dua kali lipat, padahal pemakaian saya sama seperti bulan lalu.",
        "rude": "Petugas di loket menutup jendela ketika giliran saya tiba, tanpa penjelasan apa pun.",
        "washer": "Mesin cuci yang saya beli bocor dari bawah sejak pemakaian pertama.",
        "lamp": "Lampu meja ini berkedip terus dan tidak dapat diredupkan seperti yang diiklankan.",
        "late": "Pesanan saya dijanjikan tiba hari Senin, sampai sekarang belum dikirim.",
        "seat": "Jok kursi kantor robek pada jahitannya setelah tiga minggu dipakai.",
        "phone": "Saya menelepon empat kali dan setiap kali harus menceritakan semuanya dari awal.",
    },
    Language.EN: {
        "bill": "This month's bill is twice as high, although I used as much as the month before.",
        "rude": "The clerk closed the counter when it was my turn, without any explanation.",
        "washer": "The washing machine I bought leaks from below since the first time I used it.",
        "lamp": "This desk lamp flickers all the time and cannot be dimmed as advertised.",
        "late": "My order was promised for Monday and has not been sent until today.",
        "seat": "The seat of the office chair tore at its seam after three weeks of use.",
        "phone": "I called four times, and each time I had to tell everything from the beginning.",
    },
}


def act(who: str, name: str, **payload: Any) -> Step:
    return {"who": who, "act": name, **payload}


def _decided(words: Words, cost: int = 250_000) -> tuple[Step, ...]:
    return (
        act("siti", "respond", text=words.answer),
        act("siti", "record_step"),
        act("siti", "decide", outcome="upheld", reasons=words.reasons, findings=words.answer, cost=cost),
    )


def _in(language: Language) -> tuple[Told, ...]:
    words, texts, names = WORDS[language], TEXTS[language], iter(NAMES[language])

    def told(key: str, text: str, hours: float, *steps: Step, **more: Any) -> Told:
        return Told(f"{key}-{language}", language, next(names), text, hours, steps, **more)

    taken = act("siti", "assign", to="agent:siti")
    answered = act("siti", "respond", text=words.answer)
    return (
        told("new", words.problem, 0.2),
        told("phoned", texts["phone"], 0.6, category="poor_service", channel=Channel.PHONE),
        told("taken", texts["lamp"], 2, taken),
        told("answered", texts["washer"], 5, taken, answered, act("siti", "record_step")),
        told("awaiting", texts["late"], 6, answered, act("siti", "request_information", text=words.question),
             category="wrong_delivery"),
        told("replied", texts["seat"], 8, taken, answered, {"say": "reply", "text": words.reply}),
        told("on-hold", words.problem, 9, answered, act("andi", "hold", reason=words.supplier, days=3)),
        told("late", texts["bill"], 40, category="poor_service"),
        told("answered-late", words.parcel, 60, act("andi", "respond", text=words.parcel_answer),
             category="wrong_delivery"),
        told("raised", texts["rude"], 12, act("siti", "escalate", reason=words.disagreement), category="poor_service",
             severity=Severity.MAJOR),
        told("to-approve", texts["washer"] + " " + words.missing, 20, *_decided(words, 5_000_000)),
        told("decided", texts["lamp"] + " " + words.question, 15, *_decided(words)),
        told("disputed", words.problem + " " + words.missing, 22, *_decided(words),
             {"say": "dispute", "text": words.missing}),
        told("closed", texts["seat"] + " " + words.missing, 23, *_decided(words),
             {"say": "confirm", "text": words.thanks}),
        told("danger", words.danger, 0.4, severity=Severity.CRITICAL),
    )  # fmt: skip


COMPLAINTS: tuple[Told, ...] = (*_in(Language.ID), *_in(Language.EN))
TWINS = frozenset({"taken-id"})
"""Complaints that come once more, and are merged into the first."""
