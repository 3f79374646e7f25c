"""`stir world standins`: YouTube and Instagram as the synthetic world has them, on this machine."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, suppress
from datetime import datetime

import click

from stir.cli.working import running_services, working
from stir.settings import Settings

PORTS = {"youtube": 9471, "youtube_rss": 9472, "instagram": 9473}
KEY = "stand-in"


@click.command()
@click.option("--key", default=KEY, show_default=True, help="The key of YouTube and the token of Instagram.")
def standins(key: str) -> None:
    """Serve YouTube, its feeds and Instagram on 127.0.0.1, with what the world holds at its end, until Ctrl-C.

    The lines that it prints are the settings with which `stir collect` asks them.
    """
    settings = running_services(("clickhouse",))
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(settings, key))


async def _serve(settings: Settings, key: str) -> None:
    from stir import connections
    from stir.world.answers import NOW
    from stir.world.history import require_world
    from stir.world.standins.graph import GraphStandIn
    from stir.world.standins.of_world import WorldOnInstagram, WorldOnYouTube
    from stir.world.standins.server import Answerer, StandIn
    from stir.world.standins.youtube import YouTubeStandIn
    from stir.world.standins.youtube_feed import FeedStandIn

    with working("reading the world"):
        present: datetime = require_world(connections.clickhouse(settings)).end - NOW
    youtube = WorldOnYouTube(settings)
    answerers: dict[str, Answerer] = {
        "youtube": YouTubeStandIn(youtube, {key: "stand-in"}, clock=lambda: present),
        "youtube_rss": FeedStandIn(youtube),
        "instagram": GraphStandIn(WorldOnInstagram(settings), {key: "17841400000000000"}),
    }
    async with AsyncExitStack() as stack:
        for name, answerer in answerers.items():
            server = await stack.enter_async_context(StandIn(answerer, port=PORTS[name]))
            click.echo(f"export STIR_{name.upper()}_URL={server.url}")
        click.echo(f"export STIR_AS_OF={present:%Y-%m-%dT%H:%M:%S}")
        await asyncio.Event().wait()
