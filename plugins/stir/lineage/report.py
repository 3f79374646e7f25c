"""Sends events to a file per day or to an address. Reporting never fails or delays the reported work.

Events wait in a queue for a separate thread. If an address does not answer, the log names it once, and this process
sends it nothing more.
"""

from __future__ import annotations

import atexit
import logging
import queue
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from stir.settings import Settings

if TYPE_CHECKING:
    from openlineage.client.event_v2 import RunEvent
    from openlineage.client.transport.http import HttpTransport

_log = logging.getLogger(__name__)

SEND_SECONDS = 3.0
"""How long an address may take to answer."""
CLOSE_SECONDS = 5.0
"""How long the end of a process waits for unsent events."""

Builder = Callable[[], "RunEvent | None"]
"""Builds an event in the reporting thread; None if there is nothing to report."""


def folder(settings: Settings) -> Path | None:
    """The folder for events in files; None if they go to an address, or nowhere."""
    if settings.lineage == "off" or (settings.lineage or "").startswith(("http://", "https://")):
        return None
    return Path(settings.lineage) if settings.lineage else settings.state_dir / "lineage"


class Reporter:
    """Sends events in order, from a thread that begins with the first of them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._waiting: queue.SimpleQueue[Builder | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._given_up = settings.lineage == "off"
        self._transport: HttpTransport | None = None

    def report(self, build: Builder) -> None:
        """Report the event that `build` returns, later and in another thread."""
        if self._given_up:
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="lineage", daemon=True)
            self._thread.start()
            atexit.register(self.close)
        self._waiting.put(build)

    def close(self, seconds: float = CLOSE_SECONDS) -> None:
        """Wait until all events are sent, or the time is over."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._waiting.put(None)
            thread.join(seconds)
            atexit.unregister(self.close)

    def _work(self) -> None:
        while (build := self._waiting.get()) is not None:
            if self._given_up:
                continue
            try:
                made = build()
                if made is not None:
                    self._send(made)
            except Exception as error:
                self._given_up = True
                first = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
                _log.warning("this process stops reporting lineage: %s", first)

    def _send(self, event: RunEvent) -> None:
        where = folder(self._settings)
        if where is None:
            self._address().emit(event)
            return
        from openlineage.client.serde import Serde

        where.mkdir(parents=True, exist_ok=True)
        path = where / f"{datetime.now(UTC):%Y-%m-%d}.ndjson"
        if not path.exists():
            _forget_old(where, self._settings.keep_logs_days)
        line = Serde.to_json(event) + "\n"
        with path.open("ab", buffering=0) as stream:  # one write, so that lines of two processes do not mix
            stream.write(line.encode())

    def _address(self) -> HttpTransport:
        from openlineage.client.transport.http import HttpConfig, HttpTransport

        if self._transport is None:
            key = self._settings.lineage_key
            auth = {"auth": {"type": "api_key", "apiKey": key.get_secret_value()}} if key else {}
            config = {"url": self._settings.lineage, "timeout": SEND_SECONDS, "retry": {"total": 0}, **auth}
            self._transport = HttpTransport(HttpConfig.from_dict(config))
        return self._transport


def _forget_old(where: Path, days: int) -> None:
    for path in where.glob("*.ndjson"):
        if time.time() - path.stat().st_mtime > days * 86400:
            path.unlink(missing_ok=True)


_reporters: dict[tuple[str | None, str], Reporter] = {}


def reporter(settings: Settings) -> Reporter:
    """The reporter of this process for these settings."""
    return _reporters.setdefault((settings.lineage, str(settings.state_dir)), Reporter(settings))
