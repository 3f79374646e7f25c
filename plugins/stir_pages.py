"""Pages of our own in the web UI: what a publish made, and what dbt knows about a model (stir.dags.ui.pages).

Airflow executes this module, by its place in plugins/, in each of its processes; only the api-server serves pages.
"""

import sys

from airflow.plugins_manager import AirflowPlugin

SERVES = "api-server" in sys.argv


def _apps() -> list[dict[str, object]]:
    from stir.dags.ui.document import ROOT
    from stir.dags.ui.pages import app

    return [{"app": app(), "url_prefix": ROOT, "name": "stir"}]


class StirPages(AirflowPlugin):  # type: ignore[misc]
    """Mounts the pages beside Airflow's own."""

    name = "stir_pages"
    fastapi_apps = _apps() if SERVES else []
