"""ADBC: Arrow batches from ClickHouse into PostgreSQL's binary COPY. Run in the peers' environment."""

import json
import os
import sys

import adbc_driver_postgresql.dbapi as postgres
import clickhouse_connect

print("ready", flush=True)
sys.stdin.readline()
host, port, user, password = json.loads(os.environ["BENCH_CLICKHOUSE"])
client = clickhouse_connect.get_client(host=host, port=port, username=user, password=password)
maps = json.loads(os.environ["BENCH_MAPS"])
replaced = ", ".join(f"toJSONString({name}) as {name}" for name in maps)
columns = f"* replace ({replaced})" if maps else "*"
settings = {"output_format_arrow_string_as_string": 1}
with postgres.connect(os.environ["BENCH_POSTGRES"]) as connection, connection.cursor() as cursor:
    with client.query_arrow_stream(f"select {columns} from {os.environ['BENCH_TABLE']}", settings=settings) as batches:
        mode = "replace"
        for batch in batches:
            cursor.adbc_ingest("by_adbc", batch, mode=mode, db_schema_name="stir")
            mode = "append"
    connection.commit()
