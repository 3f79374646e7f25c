"""dlt: a CSV file into ClickHouse, as rows of the csv module or as Arrow tables. Run in an environment of its own."""

import csv
import importlib
import json
import os
import sys
from collections.abc import Iterator
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
    rows = dlt.resource(by_row if WAY == "rows" else by_arrow, name="readings", write_disposition="append")
    print(pipeline.run(rows))


main()
