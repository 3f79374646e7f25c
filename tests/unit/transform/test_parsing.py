"""dbt in Airflow's tasks: it reports to nobody, and so writes nothing into the project."""

from __future__ import annotations

import pytest

from stir.settings import PROJECT_DIR, load_settings

VARIABLE = "DBT_SEND_ANONYMOUS_USAGE_STATS"
PROFILES = PROJECT_DIR / "profiles"


@pytest.mark.parametrize("said", [None, "false", "true"])
def test_a_dbt_task_reports_to_nobody_whatever_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, said: str | None
) -> None:
    """A dbt that reports writes profiles/.user.yml. The stock configuration takes the variable for a wish to report."""
    from stir.transform.hook import InPlaceDbtHook

    monkeypatch.delenv(VARIABLE, raising=False)
    if said is not None:
        monkeypatch.setenv(VARIABLE, said)
    hook = InPlaceDbtHook(load_settings(), "", lambda target: None)
    config = hook.get_dbt_task_config("run", project_dir=str(PROJECT_DIR), profiles_dir=str(PROFILES))

    assert config.send_anonymous_usage_stats is False
    assert config.warn_error is not True
