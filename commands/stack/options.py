"""What can be chosen about a local stack. The options can be written as JSON: a detached supervisor is told them so."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ImportString

# The folder that holds `commands/` and `worker.py`: the checkout, or site-packages when installed from a wheel.
ROOT = Path(__file__).resolve().parents[2]


def default_home(environment: Mapping[str, str] = os.environ) -> Path:
    return Path(environment.get("TUNTAS_HOME") or ".tuntas").absolute()


def absolute(path: Path) -> Path:
    # Children run elsewhere, and the socket's name is derived from the home, so one home must have one name.
    return Path(os.path.realpath(path.expanduser()))


class StackOptions(BaseModel):
    """The choices; the defaults are what `make up` starts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    home: Annotated[Path, AfterValidator(absolute)] = Field(default_factory=default_home)
    temporal_port: int | None = Field(default=None, description="None: a free one, the same as last time if possible")
    ui_port: int | None = None
    smtp_port: int | None = None
    metrics_port: int | None = Field(default=None, description="the first worker's metrics; None: no metrics")
    web_port: int | None = Field(default=None, description="of the web application; 0: a free one; None: without it")
    namespace: str = "default"
    temporal_arguments: tuple[str, ...] = Field(default=(), description="further arguments of `server start-dev`")
    workers: int = Field(default=1, ge=0)
    worker_command: tuple[str, ...] | None = Field(default=None, description="None: worker.py with this Python")
    worker_queue: str | None = Field(
        default="cases",
        description="ready means that somebody polls this task queue; None: that the process stays alive",
    )
    worker_environment: dict[str, str] = Field(default_factory=dict)
    worker_grace: float = Field(default=90.0, gt=0, description="seconds a worker may take to finish what it does")
    # A name or a function of a module: a function without an importable name cannot be told to a detached supervisor.
    prepare: ImportString[Callable[[str], Any]] | None = Field(
        default=None,
        description="called with the database's URL before any worker starts; may be a coroutine function",
    )
    postgres_user: str = Field(default="nobody", description="whom PostgreSQL runs as when the stack is run as root")
