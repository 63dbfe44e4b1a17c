"""The addresses of a case's pages, as they stand in our messages and on our screens.

Where the pages are is said here, and nowhere else: `web/public` serves them, notices and mails name them.
"""

from datetime import datetime, timedelta

from channels.signing import Link, Purpose, Signer
from complaints.messages.duties import NoticeLinks

LIFE = timedelta(days=180)
"""How long a link opens its case: longer than nearly every case takes, and a new one comes with every message."""


class CaseLinks:
    """Makes links that are signed with a case's present generation. `base_url` has no slash at its end."""

    def __init__(self, signer: Signer, base_url: str) -> None:
        self._signer = signer
        self._base_url = base_url.rstrip("/")

    def token(self, reference: str, generation: int, now: datetime, *, purpose: Purpose = Purpose.FOLLOW) -> str:
        link = Link(reference=reference, purpose=purpose, generation=generation, expires_at=now + LIFE)
        return self._signer.token(link)

    def follow(self, reference: str, generation: int, now: datetime, language: str) -> str:
        return self._page(self.token(reference, generation, now), language)

    def of_notice(
        self, reference: str, generation: int, now: datetime, language: str, *, promise: int | None = None
    ) -> NoticeLinks:
        """Return the links of a notice; with `promise`, its yes and no answer that promise and no decision."""
        page = self.follow(reference, generation, now, language)
        if promise is not None:
            asked = f"{page}/promises/{promise}"
            return NoticeLinks(follow=page, yes=f"{asked}?kept=yes", no=f"{asked}?kept=no")
        return NoticeLinks(
            follow=page,
            yes=f"{page}/answer?solved=yes",
            no=f"{page}/answer?solved=no",
            survey=f"{page}/survey",
            stop=f"{page}/stop",
        )

    def _page(self, token: str, language: str) -> str:
        return f"{self._base_url}/{language}/case/{token}"


def case_links(signer: Signer | None, base_url: str | None) -> CaseLinks | None:
    """What makes the links in our messages; None where there are no pages, or nothing to sign with."""
    return CaseLinks(signer, base_url) if signer is not None and base_url else None
