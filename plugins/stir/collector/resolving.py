"""Who a person means: a handle, an id or an address of a channel or profile, asked of the platform once."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from stir.collector.calls import Calls
from stir.collector.faults import AnsweredError, UnavailableError
from stir.collector.http import Http
from stir.collector.protocol import Budget
from stir.collector.settings import CollectorSettings, load_collector_settings
from stir.collector.sources.instagram import parse as instagram
from stir.collector.sources.instagram.client import Instagram
from stir.collector.sources.youtube import parse as youtube
from stir.collector.sources.youtube.client import YouTube
from stir.errors import StirError

_CHANNEL = re.compile(r"UC[0-9A-Za-z_-]{22}")
_LINK = re.compile(r"(?:https?://)?(?:www\.|m\.)?(youtube\.com|instagram\.com)/(.+)", re.IGNORECASE)
_HANDLE = {"YOUTUBE": re.compile(r"@?[\w.·-]{3,30}"), "INSTAGRAM": re.compile(r"@?[A-Za-z0-9._]{1,30}")}
URGENT = 1


@dataclass(frozen=True)
class Resolved:
    """What is tracked.

    Attributes:
        kind: `channel` or `profile`.
        id: the channel's id, or the id of a profile in the Graph API.
        handle: without an @; empty if the platform shows none.
    """

    kind: str
    id: str
    handle: str
    title: str


async def resolve(
    platform: str,
    text: str,
    budget: Budget,
    *,
    settings: CollectorSettings | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Resolved:
    """The channel or profile that a text names.

    Raises:
        StirError: the text names none, the platform knows none of that name, or it cannot be asked now.
    """
    known = settings or load_collector_settings()
    name = _name(platform.upper(), text)
    http = Http(most_bytes=known.collect_answer_bytes)
    calls = Calls(http, budget, URGENT, clock)
    try:
        if platform.upper() == "YOUTUBE":
            return await _channel(YouTube(known), calls, name)
        return await _profile(Instagram(known), calls, name)
    except UnavailableError as error:
        raise StirError(f"{platform.lower()} cannot be asked now: {error.reason}", do="try again later") from None
    finally:
        await http.close()


async def _channel(client: YouTube, calls: Calls, name: str) -> Resolved:
    try:
        asked = client.channels(calls, [name]) if _CHANNEL.fullmatch(name) else client.channel_of_handle(calls, name)
        found = youtube.channels(await asked).items
    except AnsweredError as error:
        raise StirError(f"YouTube refuses the question: {error.fault.reason}", where=name) from None
    if not found:
        raise StirError(f"YouTube has no channel {name}", do="compare the handle or id with the channel's page")
    return Resolved("channel", found[0].id, (found[0].custom_url or "").lstrip("@"), found[0].title or "")


async def _profile(client: Instagram, calls: Calls, name: str) -> Resolved:
    advice = "only professional accounts can be tracked: those of businesses and creators"
    try:
        found = instagram.discovered(await client.discover(calls, name)).profile
    except AnsweredError as error:
        if error.fault.reason.endswith("110/2207013"):
            raise StirError(f"Instagram shows no professional account {name}", do=advice) from None
        raise StirError(f"Instagram refuses the question: {error.fault.reason}", where=name) from None
    if found is None:
        raise StirError(f"Instagram shows no professional account {name}", do=advice)
    return Resolved("profile", found.id, found.handle, found.name or "")


def _name(platform: str, text: str) -> str:
    """The channel's id or the handle in a text or an address."""
    if platform not in _HANDLE:
        raise StirError(f"{platform.lower()} has nothing that can be tracked", do="choose youtube or instagram")
    name = text.strip()
    if link := _LINK.fullmatch(name):
        parts = link[2].partition("?")[0].strip("/").split("/")
        name = parts[1] if parts[0] in ("channel", "c", "user") and len(parts) > 1 else parts[0]
    if platform == "YOUTUBE" and _CHANNEL.fullmatch(name):
        return name
    if not _HANDLE[platform].fullmatch(name):
        raise StirError(f"{text.strip()!r} is no handle, id or address of {platform.lower()}")
    return name.lstrip("@")
