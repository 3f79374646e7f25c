"""dlt: a file into ClickHouse, CSV by the csv module or as Arrow tables, or JSON lines. Run in its own environment."""

import csv
import importlib
import json
import os
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import dlt

PATH, WAY = sys.argv[1:]


def by_row() -> Iterator[list[dict[str, Any]]]:
    """As a user's generator yields them."""
    with Path(PATH).open(encoding="utf-8", newline="") as stream:
        batch = []
        for row in csv.DictReader(stream):
            batch.append(row)
            if len(batch) == 10_000:
                yield batch
                batch = []
        yield batch


def by_line() -> Iterator[list[dict[str, Any]]]:
    """The objects of JSON lines."""
    with Path(PATH).open("rb") as stream:
        while batch := [json.loads(line) for line in islice(stream, 10_000)]:
            yield batch


WAYS = {"rows": by_row, "json": by_line}


def by_arrow() -> Iterator[Any]:
    """Blocks of pyarrow's reader."""
    reader = importlib.import_module("pyarrow.csv")  # where dlt is installed, and not here
    options = reader.ParseOptions(newlines_in_values=True)
    yield from reader.open_csv(PATH, parse_options=options)


def main() -> None:
    host, port, native, user, password = json.loads(os.environ["BENCH_CLICKHOUSE"])
    credentials = {
        "host": host,
        "port": native,
        "http_port": port,
        "username": user,
        "password": password,
        "database": "default",
        "secure": 0,
    }
    pipeline = dlt.pipeline("bench_load", destination=dlt.destinations.clickhouse(credentials), dataset_name="by_dlt")
    rows = dlt.resource(WAYS.get(WAY, by_arrow), name="readings", write_disposition="append")
    print(pipeline.run(rows))


main()
