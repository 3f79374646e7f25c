"""Names that people type, and credentials before they are used."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.unit.collector.platform import NOW, NOWHERE, Budget, Platform, key
from tests.unit.collector.test_instagram import Platform as Profiles

from stir.collector.checking import check, told_of_token
from stir.collector.protocol import Credential
from stir.collector.resolving import Resolved, resolve
from stir.collector.settings import CollectorSettings
from stir.errors import StirError
from stir.world.standins.graph import GraphStandIn, Profile
from stir.world.standins.language_model import LanguageModelStandIn
from stir.world.standins.server import StandIn
from stir.world.standins.youtube import YouTubeStandIn
from stir.world.standins.youtube_documents import Channel

CHANNEL = Channel(id="UC" + "a" * 22, handle="Anna", title="Anna's kitchen")
VALID = {"is_valid": True, "expires_at": 0, "data_access_expires_at": 0, "scopes": ["instagram_basic"]}


def settings(**urls: str) -> CollectorSettings:
    fields = [name for name in CollectorSettings.model_fields if name.endswith("_url")]
    addresses: dict[str, Any] = {name: urls.get(name.removesuffix("_url"), NOWHERE) for name in fields}
    return CollectorSettings(_env_file=None, **addresses)


def resolved(platform: str, text: str) -> Resolved:
    async def work() -> Resolved:
        graph = GraphStandIn(Profiles(profiles=[Profile(id="178", username="anna", name="Anna")]), {"secret-2": "me"})
        budget = Budget([key(1), key(2, source="instagram", account="me")])
        async with StandIn(YouTubeStandIn(Platform([CHANNEL]), {"secret-1": "p"})) as api, StandIn(graph) as instagram:
            urls = settings(youtube=api.url, instagram=instagram.url)
            return await resolve(platform, text, budget, settings=urls)

    return asyncio.run(work())


@pytest.mark.parametrize(
    "text",
    [
        CHANNEL.id,
        "@anna",
        "Anna",
        "https://www.youtube.com/@anna",
        "youtube.com/@anna/videos",
        f"https://m.youtube.com/channel/{CHANNEL.id}?view=0",
    ],
)
def test_a_channel_is_found_by_id_handle_and_address(text: str) -> None:
    assert resolved("youtube", text) == Resolved("channel", CHANNEL.id, "Anna", "Anna's kitchen")


@pytest.mark.parametrize("text", ["anna", "@anna", "https://www.instagram.com/anna/?hl=en"])
def test_a_profile_is_found_by_handle_and_address(text: str) -> None:
    assert resolved("instagram", text) == Resolved("profile", "178", "anna", "Anna")


@pytest.mark.parametrize(
    ("platform", "text", "said"),
    [
        ("youtube", "@nobody", "YouTube has no channel nobody"),
        ("youtube", "UC" + "z" * 22, "YouTube has no channel UC"),
        ("youtube", "not a handle!", "no handle, id or address"),
        ("instagram", "nobody", "no professional account nobody"),
        ("instagram", "a{b", "no handle"),
        ("shopify", "x", "nothing that can be tracked"),
    ],
)
def test_a_name_that_nobody_has_is_reported_plainly(platform: str, text: str, said: str) -> None:
    with pytest.raises(StirError, match=said):
        resolved(platform, text)


def test_a_token_without_expiry_is_usable_until_the_access_to_the_data_ends() -> None:
    ends = NOW + timedelta(days=3)

    assert (
        told_of_token({**VALID, "data_access_expires_at": ends.timestamp()}, NOW)
        == "may read profiles, until 2026-06-18"
    )
    with pytest.raises(StirError, match="access to the data expired on 2026-06-18"):
        told_of_token({**VALID, "data_access_expires_at": ends.timestamp()}, ends)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({**VALID, "is_valid": False}, "not valid"),
        ({**VALID, "expires_at": datetime(2026, 1, 1, tzinfo=UTC).timestamp()}, "the token expired on 2026-01-01"),
        ({**VALID, "scopes": ["email"]}, "may not read Instagram"),
        (None, "not valid"),
    ],
)
def test_a_token_that_cannot_be_used_is_reported_with_what_to_do(data: Any, said: str) -> None:
    with pytest.raises(StirError, match=said):
        told_of_token(data, NOW)


def checked(source: str, secret: str) -> str:
    async def work() -> str:
        graph = GraphStandIn(Profiles(), {"good": "me"}, debugged={"good": VALID})
        async with (
            StandIn(YouTubeStandIn(Platform([CHANNEL]), {"good": "p"})) as api,
            StandIn(graph) as instagram,
            StandIn(LanguageModelStandIn(lambda name, shown: "", ["good"])) as model,
        ):
            urls = settings(youtube=api.url, instagram=instagram.url, language_model=model.url)
            return await check(Credential(id=1, source=source, secret=secret), settings=urls)

    return asyncio.run(work())


@pytest.mark.parametrize("source", ["youtube", "instagram", "language_model"])
def test_a_credential_is_tried_before_it_is_used(source: str) -> None:
    assert checked(source, "good")
    with pytest.raises(StirError, match="refuses the credential") as refused:
        checked(source, "bad-secret")
    assert "bad-secret" not in refused.value.line
