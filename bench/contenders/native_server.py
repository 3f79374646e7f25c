"""The embedded ClickHouse with its native port open too: `python native_server.py ENGINE CONFIG`."""

import sys

from stir.local.clickhouse import server_process

sys.exit(server_process.main(*sys.argv[1:], "http", "tcp"))
