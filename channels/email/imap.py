"""A mailbox over IMAP: what waits in it, and where it goes. It blocks, so run it in a thread.

What is in the folder has not been dealt with; what has been goes to a folder of its own. No flag says so, because
whoever opens the mailbox in another program changes flags without knowing.
"""

import contextlib
import imaplib
import re
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from imap_tools import BaseMailBox, ImapToolsError, MailBox, MailboxFolderCreateError, MailBoxUnencrypted
from imap_tools.errors import MailboxFolderSelectError, MailboxLoginError
from pydantic import SecretStr

from channels.email.bounds import LARGEST
from complaints.errors import BadInput, Unreachable
from complaints.model import Frozen

FIELD = "TUNTAS_IMAP_URL"
SLICE = 1.0  # seconds after which a wait looks whether it shall end
POLL = 15.0  # seconds between looks at a server that does not tell of new mail
QUIET = 60.0  # seconds of silence after which one that does is looked at all the same: not all tell of every mail
HEAD = 64 * 1024  # bytes kept of a mail that is too large
_PORTS = {"imap": 143, "imaps": 993}
_INTERNAL_DATE = re.compile(rb'INTERNALDATE "([^"]{10,40})"')
_SIZE, _UID = re.compile(rb"RFC822\.SIZE (\d+)"), re.compile(rb"\bUID (\d+)")
_LATER = "see that the mail server runs and that it can be reached; what waits there is read when it answers"


class Place(Frozen):
    """Where a mailbox is and who may read it."""

    host: str
    port: int
    tls: bool
    start_tls: str  # auto, always, never
    user: str
    password: SecretStr
    folder: str

    @property
    def name(self) -> str:
        """What it is called: our own address, and the folder if it is another than the inbox."""
        owner = self.user if "@" in self.user else f"{self.user}@{self.host}"
        return owner.lower() if self.folder == "INBOX" else f"{owner.lower()}/{self.folder}"


class Mark(StrEnum):
    """The folders in which mails are put that were dealt with."""

    FILED = "Tuntas-Filed"
    ASIDE = "Tuntas-Aside"


class Fetched(NamedTuple):
    """A mail as it lies there. Of one that is too large `raw` is only the beginning."""

    uid: str
    raw: bytes
    size: int
    received_at: datetime | None

    @property
    def whole(self) -> bool:
        return self.size <= LARGEST


def place_of(url: str) -> Place:
    """Read `imaps://user:password@host/FOLDER`. Raises `BadInput`, which never repeats it."""
    remedy = "write it as imaps://user:password@host/INBOX, with %40 for @ in the user's name"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadInput("not an IMAP URL", field=FIELD, remedy=remedy) from None
    start_tls = parse_qs(parts.query).get("starttls", ["auto"])[0]
    if parts.scheme not in _PORTS or not (parts.hostname and parts.username and parts.password is not None):
        raise BadInput("not an IMAP URL", field=FIELD, remedy=remedy)
    if start_tls not in ("auto", "always", "never"):
        raise BadInput("starttls is auto, always or never", field=FIELD, remedy=remedy)
    folder = unquote(parts.path.strip("/")) or "INBOX"
    return Place(
        host=parts.hostname,
        port=port or _PORTS[parts.scheme],
        tls=parts.scheme == "imaps",
        start_tls=start_tls,
        user=unquote(parts.username),
        password=SecretStr(unquote(parts.password)),
        folder="INBOX" if folder.upper() == "INBOX" else folder,
    )


class ImapMailbox:
    """An open mailbox. Every method raises `Unreachable` if the line breaks, `BadInput` if the server refuses."""

    def __init__(self, box: BaseMailBox) -> None:
        self._box = box
        self._folders: dict[Mark, str] = {}

    @property
    def tells_of_new_mail(self) -> bool:
        return "IDLE" in self._box.client.capabilities

    def waiting(self) -> list[str]:
        """The uids of what lies there, the oldest first."""
        with speaking():
            self._box.client.noop()  # a server need not show what is new before it is asked
            self._told_of_more()  # and what it has told of now is among what lies there
            return sorted(self._box.uids("ALL", charset=None), key=int)

    def fetch(self, uids: Sequence[str]) -> list[Fetched]:
        """The mails that are still there. One that is too large is fetched in part."""
        if not uids:
            return []
        with speaking():
            sizes = {uid: size for uid, size, _, _ in self._asked(uids, "RFC822.SIZE INTERNALDATE")}
            small = [uid for uid, size in sizes.items() if size <= LARGEST]
            large = [uid for uid in sizes if uid not in small]
            asked = [*self._asked(small, "BODY.PEEK[] INTERNALDATE"), *self._asked(large, f"BODY.PEEK[]<0.{HEAD}>")]
        return [Fetched(uid, raw or b"", sizes.get(uid, 0), at) for uid, _, at, raw in asked]

    def move(self, uids: Sequence[str], to: Mark) -> None:
        """Put mails where those belong that were dealt with; what is gone already is gone."""
        if uids:
            with speaking():
                self._box.move(uids, self._folder(to))

    def wait(self, seconds: float, stop: Callable[[], bool]) -> bool:
        """Wait for new mail, at most so long; whether there may be some. `stop` ends it within a second."""
        until = time.monotonic() + min(seconds, QUIET if self.tells_of_new_mail else POLL)
        if not self.tells_of_new_mail:
            while time.monotonic() < until and not stop():
                time.sleep(min(SLICE, max(until - time.monotonic(), 0)))
            return not stop()
        with speaking(), self._box.idle as idle:
            if self._told_of_more():
                return True
            while time.monotonic() < until and not stop():
                began = time.monotonic()
                told = idle.poll(timeout=SLICE)
                if any(b"EXISTS" in line for line in told):
                    return True
                if not told and time.monotonic() - began < SLICE / 2:
                    raise Unreachable("the mail server ended the connection", field=FIELD, remedy=_LATER)
        return not stop()

    def _told_of_more(self) -> bool:
        """Whether the server has told of new mail beside its answers; it does not say so again while we wait."""
        return self._box.client.response("EXISTS")[1] != [None]

    def _asked(self, uids: Sequence[str], what: str) -> Iterator[tuple[str, int, datetime | None, bytes | None]]:
        if not uids:
            return
        status, answers = self._box.client.uid("FETCH", ",".join(uids), f"(UID {what})")
        if status != "OK":
            raise Unreachable("the mail server does not give a mail", field=FIELD, remedy=_LATER)
        for number, answer in enumerate(answers):
            said, raw = answer if isinstance(answer, tuple) else (answer, None)
            if not isinstance(said, bytes) or not said.strip(b") "):
                continue
            # A server may say the rest after the literal.
            tail = answers[number + 1] if raw is not None and number + 1 < len(answers) else b""
            line = said + (tail if isinstance(tail, bytes) else b"")
            if (uid := _UID.search(line)) is None or (raw is None and not _SIZE.search(line)):
                continue
            size = _SIZE.search(line)
            yield uid[1].decode(), int(size[1]) if size else 0, _internal_date(line), raw

    def _folder(self, mark: Mark) -> str:
        """The folder's name on this server; made if it is not there. Some keep all folders below the inbox."""
        if mark not in self._folders:
            names = [str(mark), *(f"INBOX{one.delim}{mark}" for one in self._box.folder.list("", "INBOX") if one.delim)]
            self._folders[mark] = next((name for name in names if self._made(name)), "")
        if not self._folders[mark]:
            remedy = f"make a folder {mark} in the mailbox, or let this user make folders"
            raise BadInput("the folder for read mails cannot be made", field=FIELD, remedy=remedy)
        return self._folders[mark]

    def _made(self, name: str) -> bool:
        if self._box.folder.exists(name):
            return True
        try:
            self._box.folder.create(name)
        except MailboxFolderCreateError:
            return False
        return True


@contextlib.contextmanager
def open_mailbox(place: Place, *, timeout: float = 60.0) -> Iterator[ImapMailbox]:
    """Log in and open the folder. Raises `Unreachable`, or `BadInput` saying what the server refuses."""
    with speaking():
        box = _connected(place, timeout)
    try:
        with speaking():
            _enter(box, place)
        yield ImapMailbox(box)
    finally:
        with contextlib.suppress(ImapToolsError, imaplib.IMAP4.error, OSError):
            box.client.logout()


@contextlib.contextmanager
def speaking() -> Iterator[None]:
    """Around everything said to a server: its words may repeat an address, so they are left out."""
    try:
        yield
    except (imaplib.IMAP4.abort, OSError, EOFError) as error:
        said = f"the mailbox cannot be reached ({type(error).__name__})"
        raise Unreachable(said, field=FIELD, remedy=_LATER) from None
    except (ImapToolsError, imaplib.IMAP4.error) as error:
        raise Unreachable(f"the mail server refuses ({type(error).__name__})", field=FIELD, remedy=_LATER) from None


def _connected(place: Place, timeout: float) -> BaseMailBox:
    if place.tls:
        return MailBox(place.host, place.port, timeout=timeout, ssl_context=ssl.create_default_context())
    box = MailBoxUnencrypted(place.host, place.port, timeout=timeout)
    try:
        _secure(box, place)
    except BaseException:
        box.client.shutdown()
        raise
    return box


def _secure(box: BaseMailBox, place: Place) -> None:
    """Encrypt the line, if it must be or can be. Raises `BadInput` if a password would go over it in the clear."""
    offered = "STARTTLS" in box.client.capabilities
    if place.start_tls == "always" or (place.start_tls == "auto" and offered):
        box.client.starttls(ssl.create_default_context())
    elif place.start_tls == "auto" and not _is_here(place.host):
        remedy = "write imaps://, or ?starttls=never where the line is safe by other means"
        raise BadInput("the mail server would see the password unencrypted", field=FIELD, remedy=remedy)


def _enter(box: BaseMailBox, place: Place) -> None:
    try:
        box.login(place.user, place.password.get_secret_value(), initial_folder=None)
    except (MailboxLoginError, imaplib.IMAP4.error) as error:
        if isinstance(error, imaplib.IMAP4.abort):
            raise
        remedy = "see the user and the password in it; mail waits until they are right"
        raise BadInput("the mail server refuses the login", field=FIELD, remedy=remedy) from None
    # What a server can do it may say only to those who have logged in.
    box.client.capabilities = tuple(b" ".join(box.client.capability()[1]).decode("ascii", "replace").upper().split())
    try:
        box.folder.set(place.folder)
    except MailboxFolderSelectError:
        remedy = "see the folder at its end; INBOX is always there"
        raise BadInput("there is no such folder in the mailbox", field=FIELD, remedy=remedy) from None


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _internal_date(line: bytes) -> datetime | None:
    found = _INTERNAL_DATE.search(line)
    try:
        return datetime.strptime(found[1].decode("ascii").strip(), "%d-%b-%Y %H:%M:%S %z") if found else None
    except ValueError:
        return None
