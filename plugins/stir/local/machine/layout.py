"""The files of a checkout's embedded services: one folder, `<state_dir>`, that git ignores."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stir.errors import StirError


@dataclass(frozen=True)
class Layout:
    """Paths below one state folder."""

    root: Path

    @property
    def services_env(self) -> Path:
        """Addresses of the running embedded services, read by `load_settings`."""
        return self.root / "services.env"

    @property
    def credentials(self) -> Path:
        """Generated passwords; without them the data cannot be opened again."""
        return self.root / "credentials.json"

    @property
    def ports(self) -> Path:
        """Ports found once and kept."""
        return self.root / "ports.json"

    def log(self, service: str) -> Path:
        """The log of a service and its server."""
        return self.root / "logs" / f"{service}.log"

    def record(self, service: str) -> Path:
        """The record of the process that was started for a service."""
        return self.root / "run" / f"{service}.json"

    def service(self, service: str) -> Path:
        """Data and configuration of a service."""
        return self.root / service

    def create(self) -> None:
        """Make the folders. Others may pass through `root` (PostgreSQL runs as another user when stir runs as root),
        but not list it."""
        self.root.mkdir(parents=True, exist_ok=True)
        self.root.chmod(0o711)
        for name in ("logs", "run"):
            (self.root / name).mkdir(mode=0o700, exist_ok=True)

    @contextlib.contextmanager
    def lock(self, wait_seconds: float = 120) -> Iterator[None]:
        """Hold the state folder for one command at a time.

        Raises:
            StirError: another command held it for longer than `wait_seconds`.
        """
        with file_lock(self.root / "lock", wait_seconds, "the embedded services"):
            yield


@contextlib.contextmanager
def file_lock(path: Path, wait_seconds: float, what: str) -> Iterator[None]:
    """An advisory lock that the kernel releases when its holder dies.

    Raises:
        StirError: the lock was held by another process for `wait_seconds`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        deadline = time.monotonic() + wait_seconds
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    since = f" for {wait_seconds:.0f} s" if wait_seconds else ""
                    raise StirError(
                        f"another stir command has been working on {what}{since}",
                        where=str(path),
                        do="wait for it or end it, then try again",
                    ) from None
                time.sleep(0.05)
        yield
    finally:
        os.close(handle)


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step; only its owner may read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mkstemp makes it 0600
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def read_json(path: Path) -> dict[str, Any]:
    """The object in a file; empty when there is no such file.

    Raises:
        StirError: the file does not hold a JSON object.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise StirError(
            "a state file is damaged", where=str(path), do="restore it, or remove it together with the data"
        )
    return content
