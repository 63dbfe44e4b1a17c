"""Passwords: argon2id, in threads, a few at a time: a flood of sign-ins takes neither the loop nor the memory."""

import asyncio
import secrets
from collections.abc import Callable
from typing import TypeVar

from pwdlib import PasswordHash

from complaints.errors import BadInput, Unreachable

SHORTEST = 12
LONGEST = 1000  # characters; hashing takes time for each
_PARALLEL = 2  # each takes 64 MiB while it runs
_WAITING = 30
_WITHIN = 10.0  # seconds
_GENERATED = 15  # bytes: 20 characters

T = TypeVar("T")


class Passwords:
    """Hashes and verifies. One per process: it is what bounds how many run side by side."""

    def __init__(self, hasher: PasswordHash | None = None, *, parallel: int = _PARALLEL) -> None:
        self._hasher = hasher or PasswordHash.recommended()
        self._turns = asyncio.Semaphore(parallel)
        self._waiting = 0
        self._nobodys: str | None = None

    async def hash(self, password: str) -> str:
        return await self._in_turn(lambda: self._hasher.hash(password))

    async def verify(self, password: str, hashed: str | None) -> tuple[bool, str | None]:
        """Return whether it is the password, and its hash anew if that should be stored.

        Without a hash it takes the same time and is wrong: nobody learns from it which accounts there are.
        """
        password = password[:LONGEST]
        if hashed is None:
            await self._in_turn(lambda: self._hasher.verify(password, self._hash_of_nobody()))
            return False, None
        return await self._in_turn(lambda: self._hasher.verify_and_update(password, hashed))

    def _hash_of_nobody(self) -> str:
        if self._nobodys is None:
            self._nobodys = self._hasher.hash(secrets.token_urlsafe())
        return self._nobodys

    async def _in_turn(self, work: Callable[[], T]) -> T:
        if self._waiting >= _WAITING:
            raise _busy()
        self._waiting += 1
        try:
            async with asyncio.timeout(_WITHIN), self._turns:
                return await asyncio.to_thread(work)
        except TimeoutError:
            raise _busy() from None
        finally:
            self._waiting -= 1


def generated() -> str:
    """Return a new password that nobody guesses."""
    return secrets.token_urlsafe(_GENERATED)


def acceptable(password: str, *, account: str = "") -> str:
    """Return a password that may be set. Raises `BadInput`: length is what counts (NIST SP 800-63B)."""
    remedy = f"use {SHORTEST} characters or more, such as four words that do not belong together"
    if len(password) < SHORTEST:
        raise BadInput("too short", field="password", remedy=remedy)
    if len(password) > LONGEST:
        raise BadInput("too long", field="password", remedy=f"use no more than {LONGEST} characters")
    if len(set(password)) <= SHORTEST // 4 or (account and account.lower() in password.lower()):
        raise BadInput("too easily guessed", field="password", remedy=remedy)
    return password


def _busy() -> Unreachable:
    return Unreachable("too many sign-ins at once", field="password", remedy="try again in a few seconds")
