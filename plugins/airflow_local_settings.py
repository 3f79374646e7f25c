"""What Airflow runs first in each of its processes and commands: a run is given what its DAG knows, or is refused.

The scheduler leaves the runs of trials alone.
"""

import sys

from stir.dags.run_conf import install
from stir.transform.dbt_process import collect_rarely

__all__: list[str] = []  # no policy for Airflow to register

# Its DAGs, too, are many objects that live long: a tenth of the processor time of `airflow dags test`.
collect_rarely()
install()
if "scheduler" in sys.argv:
    from stir.dags.trial_runs import hide_from_scheduler

    hide_from_scheduler()
elif sys.argv[1:3] in (["dags", "test"], ["tasks", "test"]):
    from stir.dags.trial_runs import spare_real_runs

    spare_real_runs()
