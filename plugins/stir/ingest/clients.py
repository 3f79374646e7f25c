"""Who may send to the door: a token for each client, kept only as a hash, and the streams that it may send to."""

from __future__ import annotations

import hmac
import json
import logging
import os
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from hashlib import sha256
from pathlib import Path
from typing import Any

from stir.errors import StirError

VARIABLE = "STIR_DOOR_CLIENTS_FILE"
LOOK_SECONDS = 1.0
_log = logging.getLogger(__name__)
_DO = "`./stir door token NAME` adds a client"


@dataclass(frozen=True)
class Client:
    """One client. `streams` are names or patterns such as `beat_*`."""

    name: str
    token_hash: str
    streams: tuple[str, ...] = ("*",)

    def may_send_to(self, stream: str) -> bool:
        """Whether its rights cover the stream."""
        return any(fnmatchcase(stream, pattern) for pattern in self.streams)


@dataclass
class Clients:
    """All clients, and how many records a minute each may send.

    Attributes:
        path: the file that they are read from again once it has changed; None if they stay as they are.
    """

    known: tuple[Client, ...]
    per_minute: int
    path: Path | None = None
    _buckets: dict[str, _Bucket] = field(default_factory=dict, repr=False)
    _looked_at: float = field(default=-LOOK_SECONDS, repr=False)
    _seen: tuple[int, int] | None = field(default=None, repr=False)

    def refresh(self) -> None:
        """Read the file again if it has changed; looks at most once a second.

        A file that is unusable or gone changes nothing, so a slip of an editor locks nobody out.
        """
        now = time.monotonic()
        if self.path is None or now - self._looked_at < LOOK_SECONDS:
            return
        self._looked_at = now
        try:
            state = self.path.stat()
            mark = (state.st_mtime_ns, state.st_ino)
            if mark != self._seen:
                self.known, self._seen = read(self.path), mark
        except (OSError, StirError) as error:
            _log.warning("the clients of the door stay as they were: %s", error)

    def find(self, token: str) -> Client | None:
        """The client with this token; the comparison takes the same time for each token."""
        self.refresh()
        digest, found = digest_of(token), None
        for client in self.known:
            if hmac.compare_digest(client.token_hash, digest):
                found = client
        return found

    def wait(self, client: Client, records: int) -> float:
        """Take `records` from the client's allowance; 0, or the seconds until it may send them."""
        bucket = self._buckets.setdefault(client.name, _Bucket(float(self.per_minute), time.monotonic()))
        return bucket.take(records, self.per_minute)


class _Bucket:
    """An allowance that fills up evenly within a minute. A request larger than a minute's passes when it is full."""

    def __init__(self, left: float, at: float) -> None:
        self._left, self._at = left, at

    def take(self, count: int, per_minute: int) -> float:
        now = time.monotonic()
        self._left = min(float(per_minute), self._left + (now - self._at) * per_minute / 60)
        self._at = now
        needed = min(count, per_minute)
        if self._left >= needed:
            self._left -= count
            return 0.0
        return (needed - self._left) * 60 / per_minute


def digest_of(token: str) -> str:
    """The hash that is kept of a token. Tokens are long random texts, so one round is enough."""
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def clients_file(state_dir: Path) -> Path:
    """The file of the clients: the environment's, else one in the state folder."""
    return Path(os.environ.get(VARIABLE) or state_dir / "door-clients.json")


def read(path: Path) -> tuple[Client, ...]:
    """The clients of a file; none if there is no such file.

    Raises:
        StirError: the file holds something else.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return tuple(_client(name, entry) for name, entry in content.items())
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, AttributeError, KeyError, TypeError):
        what = 'a file of clients is unusable; each entry is "NAME": {"token_sha256": "...", "streams": ["*"]}'
        raise StirError(what, where=str(path), do=_DO) from None


def _client(name: str, entry: Mapping[str, Any]) -> Client:
    digest, streams = entry["token_sha256"], entry.get("streams", ["*"])
    if not (isinstance(digest, str) and len(digest) == 64 and isinstance(streams, list)):
        raise ValueError(name)
    return Client(name, digest.lower(), tuple(map(str, streams)))


def with_new_client(path: Path, name: str, streams: tuple[str, ...]) -> tuple[str, str]:
    """A new token for the client, and the text that the file is to hold then.

    Raises:
        StirError: the file is unusable.
    """
    token = secrets.token_urlsafe(32)
    kept = {client.name: client for client in read(path)} | {name: Client(name, digest_of(token), streams)}
    content = {each.name: {"token_sha256": each.token_hash, "streams": list(each.streams)} for each in kept.values()}
    return token, json.dumps(content, indent=1) + "\n"
