"""A checkout whose services are up and whose warehouse is empty: each command says one line, and what to do first."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

import pytest
from tests.dbt_forks import Forks
from tests.integration.triggers.conftest import Trigger, specs  # noqa: F401  (a fixture)
from tests.parsed_project import take_parse

from stir.errors import StirError
from stir.local import ensure_services, stop_services
from stir.operations import rules
from stir.settings import PROJECT_DIR, Settings, load_settings
from stir.triggers.registry import sync_registry

ENVIRONMENT = {
    "PYTHONPATH": str(PROJECT_DIR / "plugins"),
    "STIR_ENV_FILE": os.devnull,
    "DBT_WRITE_JSON": "false",  # what dbt knows of the project, written at each command, is read by none of them
}


@pytest.fixture(scope="module")
def variables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("STIR_")}
    return {
        **own,
        **ENVIRONMENT,
        "STIR_STATE_DIR": str(tmp_path_factory.mktemp("empty") / "state"),
        "STIR_CACHE_DIR": str(load_settings().cache_dir),
    }


@pytest.fixture(scope="module")
def empty(variables: Mapping[str, str]) -> Iterator[Settings]:
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("STIR_")]:
            patch.delenv(name)
        for name, value in variables.items():
            patch.setenv(name, value)
        settings = ensure_services(load_settings())
        take_parse(settings)
        yield settings
        stop_services(settings)
        shutil.rmtree(settings.state_dir, ignore_errors=True)


Stir = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def stir(empty: Settings, variables: Mapping[str, str], forked_dbt: Forks) -> Stir:
    """Runs a command in the empty checkout."""
    start = forked_dbt.stir()

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*start, *arguments], env=dict(variables), capture_output=True, text=True, check=False)

    return run


@pytest.mark.parametrize(
    ("command", "advice"),
    [
        ("world advance", "world make"),
        ("publish leaderboard", "dbt build"),
        ("verify leaderboard", "dbt build"),
        ("rollback leaderboard", "publish leaderboard"),
        ("models --check", "dbt build"),
        ("dbt run --quiet --select stg_beat_profile_log", "world make"),
        ("dbt build --quiet --select mart_genre_overview --empty", "world make"),
        ("dbt show --quiet --select stg_beat_profile_log", "world make"),
        ("dbt source freshness --quiet", "world make"),
        ("dbt run --quiet --select mart_manual_profile_data", "dbt seed"),
        ("dbt test --quiet --select nothing_of_this_name", "models"),
        # By the same check as a command above.
        pytest.param("world describe", "world make", marks=pytest.mark.long),
        pytest.param("world work", "world make", marks=pytest.mark.long),
        pytest.param("publish leaderboard --dry-run", "dbt build", marks=pytest.mark.long),
        pytest.param("generations leaderboard", "publish leaderboard", marks=pytest.mark.long),
        pytest.param("dbt build --quiet --select stg_beat_profile_log", "world make", marks=pytest.mark.long),
        pytest.param("dbt test --quiet --select mart_leaderboard", "world make", marks=pytest.mark.long),
        pytest.param("dbt run --quiet --select mart_genre_overview", "world make", marks=pytest.mark.long),
        pytest.param("dbt run --quiet --select tag:core,tag:nonsense", "models", marks=pytest.mark.long),
        pytest.param("dbt source freshness --quiet --select source:nonsense", "models", marks=pytest.mark.long),
    ],
)
def test_a_command_that_needs_more_says_one_line_with_what_to_do_first(stir: Stir, command: str, advice: str) -> None:
    done = stir(*command.split())
    assert done.returncode != 0
    assert done.stdout.strip() == "", done.stdout
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert f"./stir {advice}" in done.stderr


def test_a_variable_that_means_nothing_is_one_line(stir: Stir) -> None:
    done = stir("dbt", "run", "--quiet", "--vars", "as_of: 2026-02-30")
    assert done.returncode != 0
    assert (done.stdout, len(done.stderr.splitlines())) == ("", 1), done.stdout + done.stderr
    assert "'2026-02-30' is not an ISO time" in done.stderr


@pytest.mark.parametrize(
    "command",
    [
        "dbt compile --quiet --select mart_leaderboard",
        "dbt build --quiet --select resource_type:seed --indirect-selection cautious",
        pytest.param("dbt ls --quiet --select mart_leaderboard", marks=pytest.mark.long),  # as compile
        pytest.param("dbt show --quiet --inline 'select 1'", marks=pytest.mark.long),  # as compile
    ],
)
def test_a_command_that_reads_nothing_is_not_refused(stir: Stir, command: str) -> None:
    words = [word.strip("'") for word in command.replace("'select 1'", "select_1").split()]
    done = stir(*(word.replace("select_1", "select 1") for word in words))
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_trigger_says_one_line_in_place_of_a_query(empty: Settings, specs: dict) -> None:  # type: ignore[type-arg] # noqa: F811
    moment = datetime(2026, 6, 15, tzinfo=UTC)
    for name in specs:
        with pytest.raises(StirError, match=r"`./stir world make`") as error:
            Trigger(empty, specs).run(name, moment)
        assert len(error.value.line.splitlines()) == 1
    with pytest.raises(StirError, match=r"`./stir world make`"):
        sync_registry(empty)


@pytest.mark.parametrize("name", [name for name in rules.names() if rules.Rule(name).read])
def test_a_rule_that_asks_the_warehouse_says_one_line(empty: Settings, name: str) -> None:
    if rules.Rule(name).ask:
        return  # it asks nothing where the application has nothing
    with pytest.raises(StirError, match=r"`./stir world make`"):
        rules.run_rule(empty, name)
