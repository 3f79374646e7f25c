"""Pictures: fetched from where a platform shows them and kept in the bucket, because platforms' addresses expire."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import urlsplit

from stir import connections
from stir.collector.chain import Asking, Result
from stir.collector.faults import Fault, Kind
from stir.collector.http import Answer, Request
from stir.collector.protocol import Charge, Credential, Failed, Task, Usage
from stir.collector.reading import text
from stir.collector.records import Found
from stir.errors import StirError
from stir.settings import Settings

SOURCE = "media"
TABLE = "beat_replica.asset_log"
FORMS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/gif": "gif", "image/avif": "avif"}
_MAGIC = {b"\xff\xd8\xff": "jpg", b"\x89PNG": "png", b"RIFF": "webp", b"GIF8": "gif"}

Keep = Callable[[str, bytes, str], str]
"""Stores (key, content, type) and returns the address."""


class MediaRules:
    """What the answers of picture servers mean."""

    def fault(self, answer: Answer) -> Fault | None:
        """The fault of an answer. A page of HTML under 200 is no picture."""
        if answer.status in (403, 404, 410):
            return Fault(Kind.GONE, f"the address answers {answer.status}: it has expired, or the picture is gone")
        if answer.status == 429 or answer.status >= 500:
            kind = Kind.BUSY if answer.status == 429 else Kind.HICCUP
            return Fault(kind, f"the address answers {answer.status}", answer.retry_after())
        if answer.status != 200:
            return Fault(Kind.REFUSED, f"the address answers {answer.status}")
        return None if form(answer) else Fault(Kind.REFUSED, "the answer is no picture")

    def usage(self, answer: Answer) -> Usage | None:
        """Nothing."""
        return None


def form(answer: Answer) -> str:
    """The ending of the picture's file by its first bytes (of AVIF by its type); empty if it is none."""
    kind = FORMS.get(answer.headers.get("content-type", "").partition(";")[0].strip().lower(), "")
    seen = next((name for magic, name in _MAGIC.items() if answer.body.startswith(magic)), "")
    return seen or (kind if kind == "avif" else "")


class Bucket:
    """Keeps files in the configured bucket."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __call__(self, key: str, content: bytes, kind: str) -> str:
        """Store a file; returns its address.

        Raises:
            StirError: the bucket does not take it.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        endpoint = self._settings.s3
        bucket = endpoint.path.strip("/")
        try:
            connections.s3(self._settings).put_object(Bucket=bucket, Key=key, Body=content, ContentType=kind)
        except (BotoCoreError, ClientError) as error:
            raise StirError(f"the bucket does not take the picture: {type(error).__name__}", where=bucket) from None
        return f"s3://{bucket}/{key}"


@dataclass(frozen=True)
class Pictures:
    """A picture of a profile or post.

    Attributes:
        allow_private: whether addresses of the own network are fetched; a platform's data names the addresses, so not
            unless it is known to be a stand-in.
    """

    keep: Keep
    allow_private: bool = False
    source: str = SOURCE

    async def answer(self, tasks: Sequence[Task], asking: Asking) -> Mapping[int, Result]:
        """The picture of each request."""
        return {task.request_id: await self._picture(task, asking) for task in tasks}

    async def _picture(self, task: Task, asking: Asking) -> Result:
        (entity,) = task.entities
        address = text(task.params.get("original_url")) or ""
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return Failed("the address of the picture is none of http or https")
        if not self.allow_private and not await asyncio.to_thread(_is_public, parts.hostname):
            return Failed(f"{parts.hostname} is no address of the public network")
        rows = await asking.stored.rows(TABLE, "entity_id", [entity])

        def build(credential: Credential) -> Request:
            return Request(url=address)

        charge = Charge(source=SOURCE, bucket="download", entity=entity)
        answer = await asking.calls.ask(charge, MediaRules(), build)
        ending = form(answer)
        kind = next((name for name, known in FORMS.items() if known == ending), "application/octet-stream")
        about = str(task.params.get("entity_type") or "POST").upper()
        name = sha256(answer.body).hexdigest()[:32]
        key = f"assets/{task.platform.lower()}/{about.lower()}/{entity}/{name}.{ending}"
        stored = await asyncio.to_thread(self.keep, key, answer.body, kind)
        row = asking.reading(task).row(
            "beat_asset_log",
            f"asset {task.platform} {about} {entity}",
            rows.get(entity),
            {
                "entity_id": entity,
                "entity_type": about,
                "platform": task.platform,
                "asset_type": task.params.get("asset_type") or "IMAGE",
                "asset_url": stored,
                "original_url": address,
            },
        )
        return Found(SOURCE, [row])


def _is_public(host: str) -> bool:
    try:
        found = {each[4][0] for each in socket.getaddrinfo(host, None)}
    except OSError:
        return True  # the call itself will say so
    return all(ipaddress.ip_address(str(address).partition("%")[0]).is_global for address in found)
