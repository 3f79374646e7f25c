"""`stir app`: the leaderboard application on this machine."""

from __future__ import annotations

import contextlib
import logging
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import click

from stir.addresses import LOOPBACK
from stir.cli.programs import CHROMIUM
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
@click.option("--picture", type=click.Path(dir_okay=False, path_type=Path), help="Draw the first page as PNG, and end.")
def app(port: int | None, host: str, per_minute: int, picture: Path | None) -> None:
    """Serve the leaderboard until Ctrl-C: web pages, and a JSON API under /api/v1.

    It reads the published tables of PostgreSQL as the reader; `./stir demo` or `./stir publish --all` publishes them.
    """
    if port is not None and not is_free(port):
        raise StirError(f"port {port} is taken", do="name another, or leave out --port")
    if picture:
        CHROMIUM.ensure()
    settings = running_services(("postgres",))
    if picture is None:
        serve(settings, port, host=host, per_minute=per_minute)
        return
    serve(settings, port, host=LOOPBACK, then=lambda address: _draw(address, picture))
    click.echo(f"wrote {picture}")


def _draw(address: str, picture: Path) -> None:
    """Let a browser without a window draw the first page.

    Raises:
        StirError: the browser drew nothing.
    """
    flags = ["--headless", "--no-sandbox", "--hide-scrollbars", "--disable-background-networking"]
    target = [f"--screenshot={picture.resolve()}", "--window-size=1200,760", f"{address}/boards/INSTAGRAM"]
    command = [CHROMIUM.path() or "chromium", *flags, *target]
    with working("drawing the first page"):
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    if done.returncode or not picture.exists():
        last = done.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        raise StirError(f"the browser could not draw the page: {last[0]}", where=str(picture))


def serve(
    settings: Settings,
    port: int | None = None,
    *,
    host: str = LOOPBACK,
    per_minute: int = REQUESTS_PER_MINUTE,
    then: Callable[[str], None] | None = None,
) -> None:
    """Print the address and serve the application until the process is interrupted; without `port` on a free one.

    With `then` it prints nothing, and ends when that, called with the address, has returned.

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
            if self.started and then is None:
                click.echo(f"leaderboard on http://{host}:{chosen} (Ctrl-C stops it)")

    config = uvicorn.Config(
        application, host=host, port=chosen, log_level="warning", server_header=False, access_log=False
    )
    server = Announcing(config)
    if then is None:
        with contextlib.suppress(KeyboardInterrupt):
            server.run()
        return
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            if not thread.is_alive():
                raise StirError("the application ended before it answered")
            time.sleep(0.02)
        then(f"http://{host}:{chosen}")
    finally:
        server.should_exit = True
        thread.join()
