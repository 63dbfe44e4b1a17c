"""The story of a past complaint: what is known of it, and what is missing drawn from the model.

A draw depends on the seed, the complaint's id and what is drawn, never on the policy, on other complaints or on how
many are played at once. So policies meet with the same people (common random numbers), and a result can be had again.
"""

import hashlib
import math
from datetime import datetime, timedelta
from enum import IntEnum, auto
from random import Random
from statistics import NormalDist
from typing import NamedTuple

from simulation.whatif.hours import WorkingHours
from simulation.whatif.model import Model
from simulation.whatif.past import PastComplaint

ROUNDS = 4  # decisions whose answer is drawn; to later ones the complainant is silent
_NORMAL = NormalDist()
_SECOND = timedelta(seconds=1)
_LEAST = 1e-9  # a share, from either end


class _Draw(IntEnum):
    """What is drawn, each in a place of its own: a further one goes to the end of the single ones."""

    RECEIVED = 0
    DECIDED = auto()
    DURATION = auto()
    ANSWERED_FIRST = auto()
    FIRST_RESPONSE = auto()
    ASKED = auto()
    QUESTION = auto()
    REPLY = auto()
    TRANSFERS = auto()
    TRANSFER = auto()
    HAND_OVER = auto()
    OWN_REPLY = auto()
    RESPONSE = auto()
    CLOSING = auto()
    ROUNDS = auto()  # from here on four for each decision


class Lag(NamedTuple):
    """A log-normal duration: its median in seconds, the spread of its logarithm, and the share that was drawn."""

    median: float
    spread: float
    share: float

    def span(self) -> timedelta:
        share = min(max(self.share, _LEAST), 1 - _LEAST)
        return timedelta(seconds=round(self.median * math.exp(self.spread * _NORMAL.inv_cdf(share))))


class Answer(NamedTuple):
    """What the complainant says to a decision, and when. After a dispute it is decided anew within `rework`."""

    after: Lag
    satisfied: bool
    rework: timedelta


class Story(NamedTuple):
    """What people do, whatever the policy. `answers` by decision, None: silence."""

    received_at: datetime
    decided_at: datetime | None
    responded_at: datetime | None  # before the decision
    asked_at: datetime | None
    replied_at: datetime | None
    transferred_at: tuple[datetime, ...]
    hand_over: timedelta  # until a notice is handed to its channel
    reply: Lag  # to a question that the case asks by itself
    response: Lag  # working time until a message of the complainant is answered
    closing: Lag  # working time until the closure record is completed
    answers: tuple[Answer | None, ...]


def draw(past: PastComplaint, model: Model, hours: WorkingHours, seed: int, until: datetime) -> Story:
    """The story of a complaint that is observed until an instant."""
    return _Teller(past, model, hours, seed, until).story()


class _Teller:
    def __init__(self, past: PastComplaint, model: Model, hours: WorkingHours, seed: int, until: datetime) -> None:
        self._past, self._model, self._hours, self._until = past, model, hours, until
        digest = hashlib.blake2b(f"{seed}/{past.id}".encode(), digest_size=8).digest()
        chance = Random(int.from_bytes(digest)).random
        self._drawn = [chance() for _ in range(_Draw.ROUNDS + 4 * ROUNDS)]

    def story(self) -> Story:
        assumed = self._model.assumptions
        received_at = self._received()
        decided_at = self._decided(received_at)
        end = decided_at or received_at + self._until_decision(received_at)
        responded_at = self._responded(received_at, end, decided_at)
        asked_at, replied_at = self._question(responded_at or received_at, end)
        return Story(
            received_at=received_at,
            decided_at=decided_at,
            responded_at=responded_at,
            asked_at=asked_at,
            replied_at=replied_at,
            transferred_at=self._transfers(received_at, end),
            hand_over=self._lag(_Draw.HAND_OVER, assumed.hand_over_seconds, assumed.hand_over_spread).span(),
            reply=self._lag(_Draw.OWN_REPLY, assumed.answer_hours * 3600, assumed.answer_spread),
            response=self._lag(_Draw.RESPONSE, assumed.response_hours * 3600, assumed.response_spread),
            closing=self._lag(_Draw.CLOSING, assumed.closing_hours * 3600, assumed.closing_spread),
            answers=tuple(self._answer(number) for number in range(ROUNDS)),
        )

    # what is known, where the data know only the date

    def _received(self) -> datetime:
        at = self._past.received_at
        if "received_at" not in self._model.dates_only:
            return at
        first, last = self._hours.day(at)
        return _between(first, last, self._drawn[_Draw.RECEIVED])

    def _decided(self, received_at: datetime) -> datetime | None:
        at = self._past.decided_at
        if at is None:
            return None
        if "decided_at" in self._model.dates_only:
            first, last = self._hours.day(at)
            at = _between(max(first, received_at), max(last, received_at), self._drawn[_Draw.DECIDED])
        return max(at, received_at + _SECOND)

    # what is missing

    def _until_decision(self, received_at: datetime) -> timedelta:
        """Of a complaint that is still open: longer than it has been open, as others of its category were."""
        category, age = self._past.category, max((self._until - received_at).total_seconds(), 0)
        known = self._model.share_decided(category, age)
        share = known + (1 - known) * self._drawn[_Draw.DURATION]
        return timedelta(seconds=max(self._model.to_decision(category, share), age))

    def _responded(self, received_at: datetime, end: datetime, decided_at: datetime | None) -> datetime | None:
        at = self._past.first_response_at
        if at is not None:
            if "first_response_at" in self._model.dates_only:
                first, last = self._hours.day(at)
                at = _between(max(first, received_at), max(last, received_at), self._drawn[_Draw.FIRST_RESPONSE])
            at = max(at, received_at + _SECOND)
        elif self._drawn[_Draw.ANSWERED_FIRST] < self._model.answered_first:
            fraction = self._model.first_fraction(self._drawn[_Draw.FIRST_RESPONSE])
            at = self._hours.next_open(received_at + fraction * (end - received_at))
        return at if at is not None and (decided_at is None or at < decided_at) else None

    def _question(self, since: datetime, end: datetime) -> tuple[datetime | None, datetime | None]:
        if self._drawn[_Draw.ASKED] >= self._model.assumptions.question_share:
            return None, None
        asked_at = self._hours.next_open(_between(since, end, self._drawn[_Draw.QUESTION]))
        if asked_at >= end:
            return None, None
        return asked_at, _between(asked_at, end, self._drawn[_Draw.REPLY])

    def _transfers(self, received_at: datetime, end: datetime) -> tuple[datetime, ...]:
        chance, drawn = self._model.assumptions.transfer_share, self._drawn[_Draw.TRANSFERS]
        if drawn >= chance or chance >= 1:
            return ()
        number = int(math.log(max(drawn, _LEAST)) / math.log(chance))  # chance, chance², … for one, two, …
        step = (end - received_at) * self._drawn[_Draw.TRANSFER] / number
        found = (self._hours.next_open(received_at + (index + 1) * step) for index in range(number))
        return tuple(at for at in found if at < end)

    def _answer(self, number: int) -> Answer | None:
        assumed = self._model.assumptions
        first = _Draw.ROUNDS + 4 * number
        if self._drawn[first] >= assumed.answer_share:
            return None
        rework = assumed.rework_factor * self._model.to_decision(self._past.category, self._drawn[first + 3])
        return Answer(
            after=self._lag(first + 2, assumed.answer_hours * 3600, assumed.answer_spread),
            satisfied=self._drawn[first + 1] >= assumed.dispute_share,
            rework=timedelta(seconds=rework),
        )

    def _lag(self, number: int, median: float, spread: float) -> Lag:
        return Lag(median, spread, self._drawn[number])


def _between(start: datetime, end: datetime, share: float) -> datetime:
    return start + timedelta(seconds=int(share * (end - start).total_seconds()))
