"""The console: for development, and where nobody can be asked by a program. Nothing is known of anybody."""

import sys
from typing import TextIO

from channels.lookup import CustomerAnswer, CustomerQuery
from complaints.vocabulary import Customer


class ConsoleLookup:
    """Prints one line for each question, never what it was about, and answers that it cannot be said."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream

    async def look_up(self, query: CustomerQuery) -> CustomerAnswer:
        line = f"customer of {query.reference}: nobody to ask; an agent checks the claim"
        print(line, file=self._stream or sys.stderr, flush=True)
        return CustomerAnswer(customer=Customer.UNKNOWN)
