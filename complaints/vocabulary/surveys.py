"""Asking, after a case was closed, how it went."""

from enum import StrEnum


class Surveying(StrEnum):
    """What became of the survey that a follow-up was to bring."""

    ASKED = "asked"
    QUIET_PERIOD = "quiet_period"  # the person was asked not long ago, in this case or another
    STOPPED = "stopped"  # the person wants no more of it
    NO_PAGE = "no_page"  # there are no public pages to answer it on


class OnReturn(StrEnum):
    """What follows when the complainant says, after closing, that the problem has come back."""

    REOPEN = "reopen"
    REQUEST = "request"  # the owner decides
