"""Languages: open, unlike all other enumerations."""

import re
from typing import Any, ClassVar, Self

from pydantic_core import core_schema


class Language(str):
    """A language by its tag, such as `id`, `jv` or `en_GB`. A policy's `languages` say which it offers.

    Open, unlike all else here: adding a language is adding a folder of texts. Raises `ValueError` for what is no tag.
    """

    __slots__ = ()
    ID: ClassVar["Language"]
    EN: ClassVar["Language"]

    def __new__(cls, tag: str) -> Self:
        if _TAG.fullmatch(tag) is None:
            raise ValueError("is no language; write its tag, such as id, en or en_GB")
        return super().__new__(cls, tag)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(cls, core_schema.str_schema())

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: Any, _handler: Any) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{_TAG.pattern}$", "examples": ["id", "en"]}


_TAG = re.compile(r"[a-z]{2,3}(_[A-Z][a-z]{3})?(_[A-Z]{2})?")
Language.ID, Language.EN = Language("id"), Language("en")
HOUSE_LANGUAGES = (Language.ID, Language.EN)
"""What the house itself speaks: reports, reasons, the names of holidays."""
