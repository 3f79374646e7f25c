"""Runs one contender in a separate process: prints `ready` after its imports, starts on a line, and answers in JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from bench.contenders.meter import Engines, difference, own_peak, own_processor
from bench.contenders.peers import Peers
from bench.contenders.table import Bench
from stir import connections
from stir.errors import StirError
from stir.local import ensure_services
from stir.settings import load_settings


def main(contender: str, table: str, rows: str, folder: str) -> None:
    """Get ready, wait for a line, run, tell."""
    settings = ensure_services(load_settings())
    bench = Bench(settings, table, int(rows), Path(folder))
    peers = Peers(settings, bench)
    work = {**bench.contenders(), **peers.contenders()}[contender]
    bench.start(contender)
    peers.start(contender)
    connections.s3(settings)  # the first client imports the driver and reads the service's description
    engines = Engines(settings)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    before, own = engines.processor(), own_processor()
    try:
        work()
        error = ""
    except StirError as refusal:
        error = refusal.line
    answer = {
        "processor": {**difference(engines.processor(), before), "mover": own_processor() - own},
        "peak": own_peak(),
        "error": error,
        "objects": bench.objects,
        "phases": bench.phases,
        "spans": bench.spans,
    }
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
