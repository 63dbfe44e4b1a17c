"""How payloads become values: by pydantic, with one set of validators for all workflows of a process.

The SDK makes a converter for every run, and pydantic's builds its validators anew in each: some 400 kB and several
milliseconds a case. They know nothing of the run they work for, so all runs share them.
"""

from dataclasses import replace

from temporalio.contrib.pydantic import PydanticPayloadConverter, pydantic_data_converter
from temporalio.converter import CompositePayloadConverter

_SHARED = tuple(PydanticPayloadConverter().converters.values())


class SharedPayloadConverter(CompositePayloadConverter):
    """The same bytes as pydantic's own converter."""

    def __init__(self) -> None:
        super().__init__(*_SHARED)


data_converter = replace(pydantic_data_converter, payload_converter_class=SharedPayloadConverter)
