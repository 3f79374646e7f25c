"""Links that a task shows under Details in the UI: from a publish to its generation, from a dbt task to its models."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from airflow.sdk import BaseOperatorLink

from stir.dags.ui.pages import address


class GenerationLink(BaseOperatorLink):  # type: ignore[misc]
    """The generation that a publish swapped in, among the others of its table."""

    name = "Generation"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """The page of the table's generations, with this run's marked."""
        run = quote(f"{ti_key.dag_id}/{ti_key.run_id}", safe="")
        return address(f"generations/{operator.target}/{operator.table}?run={run}")


class ModelDocsLink(BaseOperatorLink):  # type: ignore[misc]
    """What dbt's documentation says of what a task builds or tests."""

    name = "dbt docs"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """The tested mart's page, or the cadence's: on dbt's own site where STIR_DOCS_URL names it, else here."""
        from stir.settings import load_settings

        site, mart = (load_settings().docs_url or "").rstrip("/"), getattr(operator, "mart", "")
        if site:
            return f"{site}/#!/{f'model/model.stir.{mart}' if mart else f'overview?g_v=1&g_i=tag:{operator.cadence}'}"
        return address(f"models/{mart}" if mart else f"cadences/{operator.cadence}")
