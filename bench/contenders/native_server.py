"""The embedded ClickHouse with its native port open too: `python native_server.py ENGINE CONFIG`."""

from __future__ import annotations

import sys

from stir.local.clickhouse import server_process

plain = server_process.arguments
HTTP = "system start listen http;"


def arguments(config: str, pipe: int) -> list[str]:
    """The command line, which opens a second port."""
    return [each.replace(HTTP, f"{HTTP} system start listen tcp;") for each in plain(config, pipe)]


server_process.arguments = arguments
sys.exit(server_process.main(*sys.argv[1:]))
