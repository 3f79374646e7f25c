"""`stir door`: the HTTP door for records, and the clients that may use it."""

from __future__ import annotations

import click

from stir.addresses import LOOPBACK
from stir.cli.working import running_services
from stir.errors import StirError
from stir.ingest import clients
from stir.local.machine.layout import write_private
from stir.local.machine.ports import is_free
from stir.settings import load_settings


@click.group(invoke_without_command=True)
@click.option("--port", type=click.IntRange(1, 65535), default=8095, show_default=True, help="Port to serve on.")
@click.option("--host", default=LOOPBACK, show_default=True, help="Address to listen on; 0.0.0.0 inside a container.")
@click.option("--per-minute", default=600_000, show_default=True, type=click.IntRange(1), help="Records of one client.")
@click.pass_context
def door(context: click.Context, port: int, host: str, per_minute: int) -> None:
    """Take records by HTTP until Ctrl-C: POST /v1/streams/STREAM with JSON, or with one object on each line.

    A record is accepted once the broker has confirmed it. Each client has a token of its own (`stir door token NAME`).
    """
    if context.invoked_subcommand:
        return
    given = load_settings()
    path = clients.clients_file(given.state_dir)
    known = clients.read(path)
    if not known:
        raise StirError(
            "the door has no clients, so nobody could send anything",
            where=str(path),
            do="make a token with `./stir door token NAME`",
        )
    if not is_free(port):
        raise StirError(f"port {port} is taken", do="name another with --port")
    settings = running_services(("broker",))
    import uvicorn

    from stir.ingest.broker import connect
    from stir.ingest.door import create_door

    application = create_door(lambda: connect(settings), clients.Clients(known, per_minute, path))
    click.echo(f"door on http://{host}:{port}/v1/streams/STREAM for {len(known)} clients (Ctrl-C stops it)")
    uvicorn.run(application, host=host, port=port, log_level="warning", server_header=False, access_log=False)


@door.command()
@click.argument("name")
@click.option("--streams", default="*", show_default=True, help="Streams it may send to, with commas; * is any.")
def token(name: str, streams: str) -> None:
    """Give the client NAME a new token, which replaces its old one, and print it. Only its hash is kept.

    A door that runs knows it a second later.
    """
    path = clients.clients_file(load_settings().state_dir)
    patterns = tuple(part.strip() for part in streams.split(",") if part.strip())
    made, content = clients.with_new_client(path, name, patterns)
    write_private(path, content)
    click.echo(made)
    click.echo(f"{name} may send to {', '.join(patterns)}; the token is shown only now", err=True)
