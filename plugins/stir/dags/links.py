"""Links that a task shows in the UI: from a publish to its generation, from a dbt task to the models' documentation."""

from __future__ import annotations

from typing import Any

from airflow.sdk import BaseOperatorLink

from stir.alerts.runs import run_link


class GenerationLink(BaseOperatorLink):  # type: ignore[misc]
    """The generation that a publish swapped in: the event of the published table's asset, which carries its figures."""

    name = "Generation"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """The page of this run's asset events; empty of events where the mart was unchanged."""
        return f"{run_link(ti_key.dag_id, ti_key.run_id)}/asset_events"


class ModelDocsLink(BaseOperatorLink):  # type: ignore[misc]
    """The page of dbt's documentation about what a task builds or tests (`./stir docs` serves it)."""

    name = "dbt docs"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """The tested mart's page, or the lineage of the cadence; empty where STIR_DOCS_URL is not set."""
        from stir.settings import load_settings

        base = (load_settings().docs_url or "").rstrip("/")
        if not base:
            return ""
        mart = getattr(operator, "mart", "")
        page = f"model/model.stir.{mart}" if mart else f"overview?g_v=1&g_i=tag:{operator.cadence}"
        return f"{base}/#!/{page}"
