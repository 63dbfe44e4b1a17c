"""A run in the sandbox that is not asked for the context of each payload.

The SDK asks twice or more for every payload, and each time the sandbox compiles and runs a piece of code: a sixth of a
busy worker's time. Only a codec or an external store needs the answer. (Converters get theirs inside.)
"""

from typing import Any

from temporalio.converter import DataConverter, SerializationContext, StorageDriverStoreContext
from temporalio.worker import WorkflowInstance


def looks_at_contexts(converter: DataConverter) -> bool:
    """Whether it matters to whom a payload belongs once it is bytes."""
    return converter.payload_codec is not None or converter.external_storage is not None


class WithoutContexts(WorkflowInstance):
    """Everything goes to the instance in the sandbox, but for the contexts."""

    def __init__(self, inside: WorkflowInstance) -> None:
        self._inside = inside

    def activate(self, act: Any) -> Any:
        return self._inside.activate(act)

    def get_serialization_context(self, command_info: Any) -> SerializationContext | None:
        del command_info
        return None

    def get_external_store_context(self, command_info: Any) -> StorageDriverStoreContext:
        del command_info
        return StorageDriverStoreContext(target=None)

    def get_thread_id(self) -> int | None:
        return self._inside.get_thread_id()

    def get_info(self) -> Any:
        return self._inside.get_info()
