"""What can be wrong with a request itself, beside the errors of `complaints.errors`."""

from complaints.errors import TuntasError


class NotJson(TuntasError):
    """The body is no JSON document in UTF-8."""


class WrongType(TuntasError):
    """The body is of a media type that is not taken here."""


class TooLarge(TuntasError):
    """The body is larger than is taken here."""


class TooSlow(TuntasError):
    """The body came too slowly."""


class Unauthorised(TuntasError):
    """No valid key: none, an unknown, an expired and a revoked one are told apart nowhere."""

    def __init__(self) -> None:
        remedy = "send `Authorization: Bearer …` with a key made by `tuntas apikey create`"
        super().__init__("no valid key", field="Authorization", remedy=remedy)


class Forbidden(TuntasError):
    """The key is valid, and not for this."""


class NoSuchPage(TuntasError):
    """There is nothing at this address."""


class WrongMethod(TuntasError):
    """This address does not take this method."""
