"""STIR_LOG_FORMAT=json: writes standard error as one JSON object per line. Standard output does not change.

Every message (ours, a library's warning, a traceback) becomes lines of one form, and no line holds a password or key of
the settings.
"""

from __future__ import annotations

import io
import json
import logging
import sys
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TextIO
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from stir.settings import Settings

HIDDEN = "***"


def secrets_of(settings: Settings) -> list[str]:
    """Every password and key in the settings, the longest first; addresses as a whole are among them."""
    found: set[str] = set()
    for field in Settings.model_fields:
        value = getattr(settings, field)
        if isinstance(value, SecretStr):
            whole = value.get_secret_value()
            password = urlsplit(whole).password or ""
            found |= {whole, password, unquote(password)}
    return sorted(found - {""}, key=len, reverse=True)


class JsonLines(io.TextIOBase):
    """A text stream that writes each line as a JSON object: time, level, command, message."""

    encoding = "utf-8"
    errors = "backslashreplace"

    def __init__(self, target: TextIO, command: str, secrets: Sequence[str]) -> None:
        super().__init__()
        self._target, self._command, self._secrets = target, command, secrets
        self._begun = ""
        self._lock = threading.RLock()

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return False

    def fileno(self) -> int:
        return self._target.fileno()

    def write(self, text: str) -> int:
        with self._lock:
            *lines, self._begun = (self._begun + text).split("\n")
            for line in lines:
                self.say("info", line)
        return len(text)

    def flush(self) -> None:
        self._target.flush()

    def say(self, level: str, message: str, logger: str = "stir") -> None:
        """Write one line of a level. An empty text is not written."""
        message = message.strip().removeprefix("stir: ")
        for secret in self._secrets:
            message = message.replace(secret, HIDDEN)
        if message:
            moment = datetime.now(UTC).isoformat(timespec="milliseconds")
            line = {"time": moment, "level": level, "logger": logger, "command": self._command, "message": message}
            with self._lock:
                self._target.write(json.dumps(line, ensure_ascii=False) + "\n")
                self._target.flush()


class _Records(logging.Handler):
    """The records of Python's logging, with their own level and logger."""

    def __init__(self, lines: JsonLines) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.say(record.levelname.lower(), self.format(record), record.name)


def install(settings: Settings, command: str) -> JsonLines | None:
    """Write standard error as JSON lines if the settings say so."""
    if settings.log_format != "json":
        return None
    lines = JsonLines(sys.stderr, command, secrets_of(settings))
    logging.getLogger().addHandler(_Records(lines))
    sys.stderr = lines
    return lines
