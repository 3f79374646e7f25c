"""Import dbt once in the scheduler, so that the tasks it forks need not: this takes seconds off every dbt task.

Airflow executes this module, by its place in plugins/, in each of its processes; only the scheduler forks tasks.
"""

import importlib
import sys

MODULES = (
    "airflow_dbt_python.hooks.dbt",
    "airflow_dbt_python.utils.configs",
    "dbt.adapters.clickhouse",
    "dbt.task.build",
    "boto3",
    "clickhouse_connect",
    "psycopg",
    "stir.transform.hook",
)

if "scheduler" in sys.argv:
    for name in MODULES:
        importlib.import_module(name)
