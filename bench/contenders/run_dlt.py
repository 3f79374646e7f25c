"""dlt: Arrow tables from ClickHouse, CSV files, a replaced table. Run in the peers' environment."""

import json
import os
import sys
from collections.abc import Iterator
from typing import Any

import clickhouse_connect
import dlt

print("ready", flush=True)
sys.stdin.readline()
host, port, user, password = json.loads(os.environ["BENCH_CLICKHOUSE"])
maps = json.loads(os.environ["BENCH_MAPS"])
replaced = ", ".join(f"toJSONString({name}) as {name}" for name in maps)
columns = f"* replace ({replaced})" if maps else "*"


@dlt.resource(name="by_dlt", write_disposition="replace")
def rows() -> Iterator[Any]:
    """The mart in batches."""
    client = clickhouse_connect.get_client(host=host, port=port, username=user, password=password)
    settings = {"output_format_arrow_string_as_string": 1}
    with client.query_arrow_stream(f"select {columns} from {os.environ['BENCH_TABLE']}", settings=settings) as batches:
        yield from batches


pipeline = dlt.pipeline(
    "bench",
    destination=dlt.destinations.postgres(os.environ["BENCH_POSTGRES"]),
    dataset_name="by_dlt",
)
pipeline.run(rows(), loader_file_format="csv")
