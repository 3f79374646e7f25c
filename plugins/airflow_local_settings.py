"""What Airflow runs first in each of its processes and commands: a run is given what its DAG knows, or is refused."""

from stir.dags.run_conf import install

__all__: list[str] = []  # no policy for Airflow to register

install()
