"""`stir app`: the leaderboard application on this machine."""

from __future__ import annotations

import contextlib
import logging
import socket

import click

from stir.addresses import LOOPBACK
from stir.cli.working import running_services, working
from stir.errors import StirError
from stir.local.machine.ports import find_free, is_free
from stir.settings import Settings

REQUESTS_PER_MINUTE = 600


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Port to serve on; without it a free one.")
@click.option("--host", default=LOOPBACK, show_default=True, help="Address to listen on; 0.0.0.0 inside a container.")
@click.option(
    "--per-minute",
    default=REQUESTS_PER_MINUTE,
    show_default=True,
    type=click.IntRange(1),
    help="Requests of one client.",
)
def app(port: int | None, host: str, per_minute: int) -> None:
    """Serve the leaderboard until Ctrl-C: web pages, and a JSON API under /api/v1.

    It reads the published tables of PostgreSQL as the reader; `./stir demo` or `./stir publish --all` publishes them.
    """
    if port is not None and not is_free(port):
        raise StirError(f"port {port} is taken", do="name another, or leave out --port")
    serve(running_services(("postgres",)), port, host=host, per_minute=per_minute)


def serve(
    settings: Settings, port: int | None = None, *, host: str = LOOPBACK, per_minute: int = REQUESTS_PER_MINUTE
) -> None:
    """Print the address and serve the application until the process is interrupted; without `port` on a free one.

    Raises:
        StirError: the reader may write.
    """
    import uvicorn

    from stir.app.reading.pool import refuse_a_writer
    from stir.app.service import create_app

    refuse_a_writer(settings)
    if settings.app_readers or settings.app_operators:
        from stir.database import prepare_production

        with working("preparing the audit log"):
            prepare_production(settings)
    chosen = port or find_free(set())
    application = create_app(settings, per_minute=per_minute)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")

    class Announcing(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                click.echo(f"leaderboard on http://{host}:{chosen} (Ctrl-C stops it)")

    config = uvicorn.Config(
        application, host=host, port=chosen, log_level="warning", server_header=False, access_log=False
    )
    with contextlib.suppress(KeyboardInterrupt):
        Announcing(config).run()
