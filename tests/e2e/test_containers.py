"""docker-compose.yml: valid, without a secret, closed to other machines, and what its containers run works."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

import psycopg
import pytest
import yaml
from compose_pydantic.models import ComposeSpecification
from tests.integration.ingest.rabbitmq import rabbitmq

from stir.cli.programs import SSHD
from stir.database import BEAT, COLLECTOR, PUBLISH
from stir.database.migration import migrations
from stir.local.airflow.api import AirflowApi
from stir.local.airflow.config import USER
from stir.local.airflow.processes import is_healthy
from stir.local.clickhouse.config import ServerConfig, render_users
from stir.settings import PROJECT_DIR

from .airflow_runs import wait_for
from .stack import AIRFLOW, CELERY, CELERY_AIRFLOW, COMPOSE, Stack

DEMANDED = re.compile(r"\$\{\w+:\?run docker/make-secrets\}")
SECRET = re.compile(r"password|secret|key(?!s|scan)|token", re.IGNORECASE)


@pytest.mark.parametrize(
    ("file", "job", "command"), [("ci.yml", "test", ".ci/run"), ("night.yml", "long", "./stir test --long")]
)
def test_the_workflows_run_the_command_that_everybody_runs(file: str, job: str, command: str) -> None:
    workflow = yaml.safe_load((PROJECT_DIR / ".github" / "workflows" / file).read_text())
    assert {"run": command} in workflow["jobs"][job]["steps"]


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with Stack() as started:
        started.start_s3()
        started.start_clickhouse()
        started.start_postgres()
        yield started


def test_the_file_is_what_the_compose_specification_allows() -> None:
    # The specification allows x-... at every level; the models made from its schema do not know that.
    ComposeSpecification.model_validate({name: value for name, value in COMPOSE.items() if not name.startswith("x-")})


def test_every_secret_comes_from_the_environment_and_a_missing_one_is_reported() -> None:
    asked = 0
    for name, service in COMPOSE["services"].items():
        for variable, value in service.get("environment", {}).items():
            demanded, left = len(DEMANDED.findall(str(value))), DEMANDED.sub("", str(value))
            asked += demanded
            # What is left of `user:password@host` is `user:@host`; of a password, at most quotes and commas.
            assert not re.search(r":[^@/:]+@", left), (name, variable)
            held = SECRET.search(variable) and not variable.endswith("_FILE")
            assert not held or (demanded and not re.search(r"\w", left)), (name, variable)
    assert asked > 10


def test_every_port_is_bound_to_this_machine_and_every_server_is_watched() -> None:
    for name, service in COMPOSE["services"].items():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name
        if service.get("restart"):
            assert service["healthcheck"]["test"][0] == "CMD", name


def test_images_are_pinned_and_volumes_are_declared() -> None:
    for name, service in COMPOSE["services"].items():
        assert re.search(r":(v?\d|local$)", service["image"]), name
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in COMPOSE["volumes"] or (PROJECT_DIR / source).is_file(), (name, volume)


def test_every_secret_file_is_one_that_make_secrets_writes_and_closed_to_others(stack: Stack) -> None:
    folder = stack.folder / "checkout"
    for secret in COMPOSE["secrets"].values():
        assert (folder / secret["file"]).is_file()
    assert (folder / "docker" / "secrets").stat().st_mode & 0o077 == 0
    assert (folder / ".env").stat().st_mode & 0o077 == 0
    used = {name for service in COMPOSE["services"].values() for name in service.get("secrets", [])}
    assert used == set(COMPOSE["secrets"])


def test_sshd_takes_its_configuration(stack: Stack) -> None:
    program = SSHD.path()
    assert program, "the ssh transport needs sshd: install openssh-server"
    key = stack.folder / "checkout" / "docker" / "secrets" / "ssh_host_key"
    text = (PROJECT_DIR / "docker" / "sshd" / "sshd_config").read_text()
    (stack.folder / "sshd_config").write_text(text.replace("/etc/ssh/ssh_host_key", str(key)))
    Path("/run/sshd").mkdir(exist_ok=True)
    done = subprocess.run([program, "-t", "-f", str(stack.folder / "sshd_config")], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_containers_clickhouse_users_have_the_embedded_ones_rights() -> None:
    config = ServerConfig(
        folder=PROJECT_DIR,
        port=1,
        writer_password="w",
        reader_password="r",
        scorer_password="s",
        s3_collection="stir_s3",
        s3_url="",
        s3_key="",
        s3_secret="",
        server_memory=1,
        query_memory=4_000_000_000,
    )
    embedded = ElementTree.fromstring(render_users(config))  # noqa: S314  (our own)
    container = ElementTree.parse(PROJECT_DIR / "docker" / "clickhouse" / "users.xml").getroot()  # noqa: S314
    for user in ("stir_writer", "stir_reader", "stir_scorer"):
        grants = [
            [query.text for query in root.iterfind(f"users/{user}/grants/query")] for root in (embedded, container)
        ]
        assert grants[0] == grants[1] != []
    for profile in ("default", "reader"):
        settings = [
            {item.tag: (item.text or "").strip() for item in root.iterfind(f"profiles/{profile}/*")}
            for root in (embedded, container)
        ]
        assert settings[0] == settings[1] != {}
    assert container.find("users/default").get("remove") == "remove"  # type: ignore[union-attr]


def test_prepare_makes_all_that_is_missing_and_a_second_time_nothing(stack: Stack) -> None:
    first = stack.stir("prepare")
    assert first.returncode == 0, first.stderr
    assert "bucket stir created" in first.stderr
    for database, folders in (("staging", (PUBLISH,)), ("beat", (BEAT, COLLECTOR))):
        files = sum(len(migrations(folder)) for folder in folders)
        applied = f"{database}: {files} migrations of stir's own tables applied"
        assert applied in first.stderr, first.stderr

    again = stack.stir("prepare")
    assert again.returncode == 0, again.stderr
    assert "bucket stir exists" in again.stderr
    assert again.stderr.count("stir's own tables exist") == 3
    with stack.connect("writer", "stir") as connection:
        connection.execute("create table mine (id int)")
    with stack.connect("reader", "stir") as connection:
        assert connection.execute("select count(*) from mine").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("insert into mine values (1)")


def test_a_database_administrator_who_is_refused_is_one_line(stack: Stack) -> None:
    right, stack.secrets["STIR_POSTGRES_ADMIN_PASSWORD"] = stack.secrets["STIR_POSTGRES_ADMIN_PASSWORD"], "wrong"
    try:
        done = stack.stir("prepare")
    finally:
        stack.secrets["STIR_POSTGRES_ADMIN_PASSWORD"] = right
    assert done.returncode == 1
    assert done.stderr.strip().count("\n") == 0
    assert "STIR_POSTGRES_ADMIN_URL" in done.stderr


# The test below checks what Celery adds; the scheduler of test_airflow.py runs the same tasks with the same operators.
@pytest.mark.long
def test_airflow_with_celery_runs_a_task_on_a_worker_and_knows_every_dag(
    stack: Stack, request: pytest.FixtureRequest
) -> None:
    """The other end-to-end tests let the scheduler run its tasks itself. Here a broker and a worker stand between.

    All DAGs, the triggerer and each health check only with --long: those tests have an Airflow that parses every DAG
    file and starts every process, and the health checks are one command.
    """
    whole = request.config.getoption("--long")
    folder = PROJECT_DIR / "dags" if whole else PROJECT_DIR / "dags" / "utility"
    names = [name for name in CELERY_AIRFLOW if whole or name != "triggerer"]
    stack.more["STIR_AIRFLOW__CORE__DAGS_FOLDER"] = str(folder)
    assert stack.stir("prepare").returncode == 0
    with rabbitmq() as broker:
        stack.hand_tasks_to_celery(broker)
        stack.start_airflow(names)
        for name in names:
            try:
                if name in AIRFLOW:  # a health check is a process of its own: it is asked when it will say yes
                    wait_for(partial(is_healthy, name, stack.url), f"{name} to send a heartbeat")
                if whole or name in ("scheduler", "celery-worker"):
                    wait_for(partial(stack.healthcheck, name), f"{name} to be healthy")
            except AssertionError as error:
                raise AssertionError(f"{error}; its log ends: {stack.log(name)[-2000:]}") from None

        password = json.loads((stack.folder / "state" / "airflow" / "passwords.json").read_text())[USER]
        api = AirflowApi.login(stack.url, password)
        count = len(list(folder.rglob("*.py")))
        wait_for(lambda: api.call("GET", "/dags")["total_entries"] == count, "every DAG to be known")
        assert {pool["name"] for pool in api.call("GET", "/pools")["pools"]} >= {"clickhouse", "postgres"}

        dag = "maintain_storage_retention"
        api.call("PATCH", f"/dags/{dag}", json={"is_paused": False})
        run = api.call("POST", f"/dags/{dag}/dagRuns", json={"logical_date": None})["dag_run_id"]
        states = partial(api.call, "GET", f"/dags/{dag}/dagRuns/{run}")
        wait_for(lambda: states()["state"] in ("success", "failed"), f"{dag} to end")
        tasks = api.call("GET", f"/dags/{dag}/dagRuns/{run}/taskInstances")["task_instances"]
        assert {task["state"] for task in tasks} == {"success"}, stack.log("celery-worker")[-2000:]
        queued = stack.log("celery-worker").count("execute_workload")
        assert queued >= len(tasks), "the worker's log names the tasks that it was handed"


def test_what_celery_adds_to_the_stack_is_safe() -> None:
    assert not any("ports" in service for service in CELERY["services"].values())
    assert CELERY["services"]["celery-broker"]["healthcheck"]["test"][0] == "CMD"
    assert re.search(r":\d", CELERY["services"]["celery-broker"]["image"])
    text = (PROJECT_DIR / "docker-compose.celery.yml").read_text()
    for line in (line for line in text.splitlines() if re.search(r"PASS|://", line) and not line.startswith("#")):
        assert not re.search(r":[^@/:]+@", DEMANDED.sub("", line)), line
