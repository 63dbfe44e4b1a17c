"""Claims to be a customer: looked up, and the answer told to the case."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.errors import clean_errors
from channels.lookup import CustomerLookup, CustomerQuery
from complaints.messages.duties import CustomerDuty
from complaints.messages.feedback import CustomerChecked

MOST = 4  # look-ups at once in a process: a service that hangs must not take the places of records
_LATER = timedelta(seconds=5)


class Customers:
    """Asking twice is the same as asking once."""

    def __init__(self, lookup: CustomerLookup) -> None:
        self._lookup = lookup
        self._under_way = 0

    @property
    def activities(self) -> list[Callable[..., Any]]:
        return [self.check_customer]

    @activity.defn(name="check_customer")
    async def check_customer(self, duty: CustomerDuty) -> CustomerChecked:
        if self._under_way >= MOST:
            raise ApplicationError("others are looked up at the moment", type="Busy", next_retry_delay=_LATER)
        self._under_way += 1
        try:
            with clean_errors():
                answer = await self._lookup.look_up(CustomerQuery.model_validate(duty.model_dump(exclude={"key"})))
        finally:
            self._under_way -= 1
        return CustomerChecked(key=duty.key, customer=answer.customer, since=answer.since)
