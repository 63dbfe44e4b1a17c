"""What a run starts from: a new complaint, or a case that goes on: continued as new, or reopened from the archive."""

from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, SerializerFunctionWrapHandler, WrapSerializer

from complaints.case import CaseState
from complaints.messages import StartComplaint
from complaints.model import Tolerant
from complaints.packing import pack_if_large, unpack_if_packed
from complaints.timeline import Entry
from workflows import limits
from workflows.pending import Pending


def _packed(state: CaseState, dump: SerializerFunctionWrapHandler) -> Any:
    return pack_if_large(dump(state))


class Resumption(Tolerant):
    """A case that goes on. To reopen an archived one, start with its state and the message that asks for it."""

    state: Annotated[
        CaseState, BeforeValidator(unpack_if_packed), WrapSerializer(_packed, when_used="json")
    ]  # thousands of entries fit
    pending: Pending = Pending()
    clock_shift: timedelta = timedelta(0)


ComplaintInput = StartComplaint | Resumption


def lightened(state: CaseState) -> CaseState:
    """The state, small enough to be handed on: a payload that is too large would wedge the case.

    What was written first and is recorded gives way first: words stand in the read model, their digest in the chain.
    """
    over = sum(_size(entry) for entry in state.timeline) - limits.STATE_BYTES
    if over <= 0:
        return state
    timeline = list(state.timeline)
    for index, entry in enumerate(timeline):
        if over <= 0 or entry.sequence > state.recorded:
            break
        over -= _size(entry)
        timeline[index] = entry.model_copy(update={"words": None})
    return state.model_copy(update={"timeline": timeline})


def _size(entry: Entry) -> int:
    return len((entry.words or "").encode())
