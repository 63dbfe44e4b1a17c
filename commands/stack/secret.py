"""The secret of a home: drawn once, kept for good, readable by its owner only."""

import contextlib
import os
import secrets
from pathlib import Path


def secret_of(home: Path) -> str:
    """Return the home's secret; of two that draw one at once the first counts."""
    path = home / "secret"
    with contextlib.suppress(FileExistsError):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(32))
    return path.read_text(encoding="ascii").strip()


def kept_secret(home: Path) -> str | None:
    """Return the home's secret if one was drawn."""
    return secret_of(home) if (home / "secret").exists() else None
