"""The operators' part over real generations: who may do what, jobs that publish and roll back, the audit log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from stir import connections
from stir.app.service import create_app
from stir.database import prepare_production
from stir.operations.pipeline_runs import record
from stir.publish import SPECS, publish
from stir.publish.ledger.generations import Generation, history
from stir.settings import Settings

from .operators import API, OPERATOR, READER, by, ended, form_token, open_site, sign_in

TABLE = next(spec for spec in SPECS.values() if spec.table == "collection_keyword")

WAITING = "select from pg_locks where not granted and relation = 'collection_keyword'::regclass"
PAGES = (
    "/operate",
    "/operate/generations",
    "/operate/generations/collection_keyword",
    "/operate/quarantine",
    "/operate/streams",
    "/operate/collections",
    "/operate/jobs",
    "/operate/audit",
)
READ = [f"{API}/{path}" for path in ("pipelines", "generations/collection_keyword", "quarantine", "jobs", "audit")]


@pytest.fixture(scope="module")
def place(published: Settings) -> Settings:
    return published


def generations(place: Settings) -> list[Generation]:
    with connections.postgres(place) as connection:
        return history(connection, TABLE)


@pytest.fixture(scope="module")
def site(place: Settings) -> Iterator[TestClient]:
    """The application with an operator and a reader, over two generations of a small table."""
    prepare_production(place)
    publish(place, TABLE, force=True)
    with open_site(place) as client:
        yield client


def start(site: TestClient, token: str = OPERATOR, **job: Any) -> Any:
    return site.post(f"{API}/jobs", headers=by(token), json={"table": TABLE.table, **job})


def look(site: TestClient, location: str) -> dict[str, Any]:
    found: dict[str, Any] = site.get(location, headers=by(READER)).json()["data"]
    return found


def audit_of_unknown(site: TestClient) -> list[dict[str, Any]]:
    """Lines about tokens that nobody has: one for an address and an hour."""
    audit: list[dict[str, Any]] = site.get(f"{API}/audit", headers=by(READER)).json()["data"]
    return [line for line in audit if line["action"] == "unknown token"]


def test_without_a_token_nothing_is_shown_and_nothing_begins(site: TestClient) -> None:
    site.cookies.clear()
    for path in READ:
        assert [
            site.get(path, headers=head).status_code for head in ({}, by("wrong"), {"cookie": "stir_session=x|y"})
        ] == [
            401,
            401,
            401,
        ]
    refused = site.post(f"{API}/jobs", json={"kind": "publish", "table": TABLE.table})
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, 'Bearer realm="stir"')
    for page in PAGES:
        answer = site.get(page)
        assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/operate/login")
    before = [line["detail"]["times"] for line in audit_of_unknown(site)]
    assert site.post("/operate/login", data={"token": "wrong"}).status_code == 401
    assert site.get(READ[0], headers=by("wrong")).status_code == 401
    found = audit_of_unknown(site)
    assert [(line["who"], line["role"]) for line in found] == [("unknown", "none")]
    assert [line["detail"]["times"] for line in found] == [before[0] + 2]


def test_a_reader_looks_and_does_not_act(site: TestClient, place: Settings) -> None:
    before = len(generations(place))
    assert [site.get(path, headers=by(READER)).status_code for path in READ] == [200] * len(READ)
    assert start(site, READER, kind="publish").status_code == 403
    sign_in(site, READER)
    page = site.get("/operate/generations/collection_keyword")
    assert "Go back" not in page.text.replace("Going back", "")
    sent = site.post("/operate/generations/collection_keyword", data={"token": form_token(page), "kind": "publish"})
    assert sent.status_code == 403
    assert len(generations(place)) == before


def test_a_roll_back_is_a_job_that_is_followed_to_its_end(site: TestClient, place: Settings) -> None:
    live = generations(place)[-1]
    back = next(item for item in reversed(generations(place)) if item.kept and item.content != live.content)
    begun = start(site, kind="rollback", generation=back.generation)
    assert begun.status_code == 202, begun.text
    job = ended(site, begun.headers["location"])
    assert (job["status"], job["exit_code"], job["requested_by"]) == ("DONE", 0, "anna"), job["said"]
    assert job["result"]["content"] == back.content
    assert generations(place)[-1].content == back.content
    audit = site.get(f"{API}/audit", headers=by(READER)).json()["data"]
    assert any(
        line["who"] == "anna" and line["action"] == "start rollback" and line["detail"]["generation"] == back.content
        for line in audit
    )


def test_a_publish_says_how_far_it_is_and_can_be_started_by_a_form(site: TestClient) -> None:
    sign_in(site, OPERATOR)
    page = site.get("/operate/generations/collection_keyword")
    fields = {"token": form_token(page), "kind": "publish"}
    sent = site.post("/operate/generations/collection_keyword", data=fields)
    assert sent.status_code == 303, sent.text
    job = ended(site, sent.headers["location"].replace("/operate", API))
    assert job["status"] == "DONE", job["said"]
    assert job["result"][0]["outcome"] in ("unchanged", "held")
    assert [line.partition(": ")[2] for line in job["said"]][:1] == ["freeze"]
    shown = site.get(sent.headers["location"])
    assert ": freeze" in shown.text
    assert 'http-equiv="refresh"' not in shown.text


def test_a_form_of_another_session_is_refused(site: TestClient) -> None:
    sign_in(site, OPERATOR)
    for fields in ({"kind": "publish"}, {"kind": "publish", "token": "0" * 64}):
        assert site.post("/operate/generations/collection_keyword", data=fields).status_code == 403


def test_a_job_that_is_cancelled_ends_and_leaves_the_table_as_it_was(site: TestClient, place: Settings) -> None:
    before = generations(place)[-1]
    back = next(item for item in reversed(generations(place)) if item.kept and item.content != before.content)
    # The lock keeps the swap from happening, so the job runs until it is cancelled.
    with connections.postgres(place, role="admin") as admin:
        admin.execute("lock table collection_keyword in access share mode")
        begun = start(site, kind="rollback", generation=back.generation)
        again = start(site, kind="verify")
        assert (again.status_code, again.headers["location"]) == (409, begun.headers["location"])
        while admin.execute(WAITING).fetchone() is None:
            assert (job := look(site, begun.headers["location"]))["status"] in ("QUEUED", "RUNNING"), job["said"]
        cancelled = site.post(f"{begun.headers['location']}/cancel", headers=by(OPERATOR))
        assert (cancelled.status_code, cancelled.json()["data"]["cancelled_by"]) == (202, "anna")
        job = ended(site, begun.headers["location"])
    assert job["status"] == "CANCELLED", job["said"]
    assert job["exit_code"] != 0
    assert generations(place)[-1].generation == before.generation
    assert site.post(f"{begun.headers['location']}/cancel", headers=by(OPERATOR)).status_code == 409


def test_a_command_that_is_refused_is_a_failed_job_that_says_why(site: TestClient, place: Settings) -> None:
    with connections.postgres(place, autocommit=True) as writer:
        writer.execute("alter table collection_keyword rename column collection_type to kind_of")
        try:
            job = ended(site, start(site, kind="verify").headers["location"])
        finally:
            writer.execute("alter table collection_keyword rename column kind_of to collection_type")
    assert job["status"] == "FAILED"
    assert job["exit_code"] > 0
    assert job["progress"].startswith("stir: ")


@pytest.mark.parametrize(
    ("job", "parameter"),
    [
        ({"kind": "drop"}, "kind"),
        ({"kind": "publish", "table": "pg_class"}, "table"),
        ({"kind": "publish", "table": "--force"}, "table"),
        ({"kind": "rollback"}, "generation"),
        ({"kind": "rollback", "generation": 999}, "generation"),
        ({"kind": "rollback", "generation": "1; drop"}, "generation"),
        ({"kind": "publish", "force": True}, "force"),
    ],
)
def test_what_is_no_job_is_refused_and_named(site: TestClient, job: dict[str, Any], parameter: str) -> None:
    answer = start(site, **job)
    assert answer.status_code == 400, answer.text
    assert answer.json()["errors"][0]["parameter"] == parameter


def test_a_job_whose_application_ended_is_failed_and_frees_its_table(site: TestClient, place: Settings) -> None:
    with connections.postgres(place, autocommit=True) as writer:
        writer.execute(
            "insert into ops.app_job (kind, subject, status, requested_by, seen_at)"
            " values ('verify', 'collection_keyword', 'RUNNING', 'gone', now() - interval '1 hour')"
        )
    assert ended(site, start(site, kind="verify").headers["location"])["status"] in ("DONE", "FAILED")
    lost = [job for job in site.get(f"{API}/jobs", headers=by(READER)).json()["data"] if job["requested_by"] == "gone"]
    assert {job["status"] for job in lost} == {"FAILED"}


def test_pipelines_are_judged_by_their_runs_of_a_day(site: TestClient, place: Settings) -> None:
    runs = [("steady", 24, 0), ("shaky", 9, 1), ("broken", 3, 2)]
    with connections.postgres(place, autocommit=True) as writer:
        writer.execute("delete from ops.pipeline_run")
        for pipeline, good, bad in runs:
            for number in range(good + bad):
                writer.execute(
                    "insert into ops.pipeline_run"
                    " values (%s, %s, %s, now() - interval '2 hours', now() - interval '1 hour')",
                    [pipeline, str(number), "success" if number < good else "failed"],
                )
        writer.execute(
            "insert into ops.pipeline_run"
            " values ('old', '1', 'failed', now() - interval '26 hours', now() - interval '25 hours')"
        )
    found = {row["pipeline"]: row for row in site.get(f"{API}/pipelines", headers=by(READER)).json()["data"]}
    assert {name: found[name]["health"] for name, *_ in runs} == {"steady": "good", "shaky": "fair", "broken": "poor"}
    assert "old" not in found
    assert found[TABLE.table]["kind"] == "publish"
    sign_in(site, READER)
    assert "■ poor" in site.get("/operate").text


def test_runs_of_airflow_are_copied_once_with_their_newest_end(place: Settings) -> None:
    with connections.postgres(place, role="admin", autocommit=True) as admin:
        admin.execute("drop schema if exists fake cascade; create schema fake")
        admin.execute(
            "create table fake.dag_run as select 'dbt_core' as dag_id, 'a' as run_id, 'failed' as state,"
            " now() - interval '2 h' as start_date, now() - interval '1 h' as end_date"
            " union all select 'dbt_core', 'old', 'success', now() - interval '4 days', now() - interval '3 days'"
            " union all select 'dbt_core', 'runs', 'running', now(), null"
        )
        dsn = place.postgres_dsn("admin") + "?options=-csearch_path%3Dfake"
        airflow = place.model_copy(update={"airflow_database_url": SecretStr(dsn)})
        try:
            assert record(airflow) == 1
            admin.execute("update fake.dag_run set state = 'success' where run_id = 'a'")
            assert record(airflow) == 1
        finally:
            admin.execute("drop schema fake cascade")
        kept = admin.execute("select run_id, state from ops.pipeline_run where pipeline = 'dbt_core'").fetchall()
    assert kept == [("a", "success")]


def test_the_reader_of_the_database_sees_nothing_of_it(place: Settings) -> None:
    with connections.postgres(place, role="reader", autocommit=True) as reader:
        for table in ("app_job", "app_audit", "pipeline_run"):
            with pytest.raises(Exception, match="permission denied"):
                reader.execute(f"select from ops.{table}".encode())


def test_without_tokens_the_part_is_closed(place: Settings) -> None:
    with TestClient(create_app(place), raise_server_exceptions=False, follow_redirects=False) as closed:
        answer = closed.get(f"{API}/jobs", headers=by(OPERATOR))
        assert (answer.status_code, answer.json()["type"]) == (401, "urn:stir:problem:closed")
        assert "STIR_APP_OPERATORS=name:token" in closed.get("/operate/login").text
