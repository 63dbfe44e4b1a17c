"""Looking up a customer: whether somebody who says they are one is known to whoever keeps the customers.

`CustomerLookup` is what activities know; which one they get is decided by the composition root. docs/verification.md
holds the contract that a service offers to `HttpLookup`.
"""

from datetime import date
from typing import Annotated, Protocol

from pydantic import Field

from complaints.model import Frozen, Personal, Tolerant
from complaints.vocabulary import Customer


class CustomerQuery(Frozen):
    """What a complainant has said of themselves."""

    reference: str
    customer_number: Personal
    name: Personal | None = None
    email: Personal | None = None
    phone: Personal | None = None


class CustomerAnswer(Tolerant):
    """`customer` is whether the number and the person belong together; the rest may be left out."""

    customer: Customer
    since: date | None = None
    number: Annotated[Personal, Field(max_length=100)] | None = None  # as it is kept there


class LookupFailed(Exception):
    """There is no answer. `problem` names a code and its class, never a number or an address.

    Permanent: asked again in the same way it would fail again, until somebody mends it.
    """

    def __init__(self, problem: str, *, permanent: bool) -> None:
        super().__init__(problem)
        self.problem = problem
        self.permanent = permanent


class CustomerLookup(Protocol):
    """Answers whether somebody is a customer."""

    async def look_up(self, query: CustomerQuery) -> CustomerAnswer:
        """Raises `LookupFailed`, and nothing else."""
