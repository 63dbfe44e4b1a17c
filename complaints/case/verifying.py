"""Verification: what the policy wants to know before a complaint is investigated, and what of it is there.

Beside the details that the category needs: that the contact is the complainant's own, that they are a customer, and
that whom somebody speaks for has agreed to it. What is missing is asked for in one message (`opening.verify`).
"""

from collections.abc import Iterator

from complaints.case import consent
from complaints.case.state import ContactProof
from complaints.case.turn import Turn
from complaints.messages.duties import CustomerDuty
from complaints.model import Personal
from complaints.vocabulary import Channel, Customer, Need, Proof

CONTACT, CUSTOMER_NUMBER, CONSENT = "contact", "customer_number", "consent"
_LONGEST_NUMBER = 100


def missing(turn: Turn) -> tuple[str, ...]:
    """What holds the case: required, and not there."""
    category = turn.rules.categories.get(turn.state.category or "")
    needs = [name for name in category.needs if turn.state.details.get(name) in (None, "")] if category else []
    return tuple(dict.fromkeys((*needs, *_wanted(turn, Need.REQUIRED))))


def along(turn: Turn) -> tuple[str, ...]:
    """What is asked for too, when a question goes out anyway."""
    return tuple(_wanted(turn, Need.ASKED))


def _wanted(turn: Turn, need: Need) -> Iterator[str]:
    rule, state = turn.rules.verification, turn.state
    if rule.contact is need and not state.proven:
        yield CONTACT
    if rule.customer is need and (claim(turn) is None or state.customer is Customer.NO):
        yield CUSTOMER_NUMBER
    if rule.consent is need and consent.lacking(state):
        yield CONSENT


def dispensable(turn: Turn) -> bool:
    """Whether the policy lets the case go on without all that is missing."""
    return set(missing(turn)) <= set(turn.rules.verification.proceed_without)


def being_checked(turn: Turn) -> bool:
    """Whether the case waits for the answer of a look-up, and for nobody else."""
    rule = turn.rules.verification
    waits = rule.customer is Need.REQUIRED and CUSTOMER_NUMBER not in rule.proceed_without
    return waits and turn.state.checking is not None


# the contact


def prove(turn: Turn, channel: Channel, by: Proof) -> None:
    turn.state.proven = [*turn.state.proven, ContactProof(channel=channel, by=by, at=turn.at)]


def contact_changed(turn: Turn, channels: frozenset[Channel]) -> None:
    """An address that is another one has yet to be proven."""
    turn.state.proven = [proof for proof in turn.state.proven if proof.channel not in channels]


# the customer


def claim(turn: Turn) -> Personal | None:
    """The customer number that was given, if any."""
    given = turn.state.details.get(CUSTOMER_NUMBER)
    if isinstance(given, bool) or not isinstance(given, (str, int)):
        return None
    return Personal(str(given).strip()[:_LONGEST_NUMBER]) or None


def check_customer(turn: Turn) -> None:
    """Have a claim looked up, once a number, if the policy wants to know."""
    state, number = turn.state, claim(turn)
    if turn.rules.verification.customer is Need.NONE or number is None or number == state.claimed:
        return
    state.claimed, state.customer = number, None
    state.checking = f"{state.reference}/customer/{turn.occurrence('customer')}"
    who = state.complainant
    turn.duties.append(
        CustomerDuty(
            key=state.checking,
            reference=state.reference,
            customer_number=number,
            name=who.name,
            email=who.email,
            phone=who.phone,
        )
    )
