"""Import once what every forked process needs: dbt in the scheduler, which forks the tasks, takes seconds off each of
them; what DAG files import takes a tenth of a second off each file that the dag-processor reads.

Airflow executes this module, by its place in plugins/, in each of its processes; only these two fork.
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

DAGS = (
    "stir.dags.operations",
    "stir.dags.publish",
    "stir.dags.transform",
    "stir.dags.trigger",
)
"""What makes the DAGs of the files in dags/."""
FORKING = {"scheduler": (*MODULES, *DAGS), "dag-processor": DAGS}

for process, modules in FORKING.items():
    if process in sys.argv:
        for name in modules:
            importlib.import_module(name)
