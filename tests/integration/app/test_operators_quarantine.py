"""The quarantine in the operators' part: masked, repaired, replayed, discarded, forgotten, audited."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from stir import connections
from stir.database import prepare_production
from stir.ingest import quarantine
from stir.ingest.quarantine import Entry, Item
from stir.settings import Settings

from .operators import API, OPERATOR, READER, by, ended, form_token, open_site, sign_in

SECRET = "meera@example.org"
TABLE = "events.profile_log_events"
EVENT = {
    "event_id": "operators-1",
    "source": "ytapi",
    "platform": "YOUTUBE",
    "profile_id": "UC_x5XG1OV2P6uZZ5FSM9Ttw",
    "event_timestamp": "yesterday",
    "metrics": {"followers": 7},
    "dimensions": {"mail": SECRET},
}
ITEMS = (
    Item("profile_log", "impossible_timestamp", json.dumps(EVENT).encode(), "1.0.0", "event_timestamp", key=SECRET),
    Item("profile_log", "undecodable", b'{"torn', path="$", message="the body is no JSON"),
    Item("post_log", "no_number", json.dumps({"event_id": "x", "metrics": {}}).encode(), path="metrics"),
    Item("post_log", "no_number", json.dumps({"event_id": "y", "metrics": {}}).encode(), path="metrics"),
)


@pytest.fixture(scope="module")
def site(published: Settings) -> Iterator[TestClient]:
    prepare_production(published)
    with open_site(published) as client:
        yield client


@pytest.fixture
def ids(published: Settings) -> list[int]:
    """Numbers of the four records of a quarantine that holds nothing else."""
    with quarantine.connect(published, autocommit=True) as connection:
        connection.execute("delete from ingest.quarantine")
        quarantine.add(published, connection, ITEMS)
        return sorted(each.id for each in quarantine.entries(published, connection))


def record(settings: Settings, number: int) -> Entry:
    with quarantine.connect(settings) as connection:
        return quarantine.entry(settings, connection, number)


def audit(site: TestClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = site.get(f"{API}/audit", headers=by(READER)).json()["data"]
    return found


def test_a_record_is_repaired_by_a_form_replayed_and_found_in_its_table(
    site: TestClient, published: Settings, ids: list[int]
) -> None:
    sign_in(site, OPERATOR)
    page = site.get(f"/operate/quarantine/{ids[0]}")
    assert page.status_code == 200, page.text
    assert "yesterday" in page.text
    assert SECRET not in page.text
    shown = {"field:metrics": '{"followers": 7}', "field:dimensions": "", "field:source": "ytapi"}
    fields = {"token": form_token(page), "action": "edit", **shown, "field:event_timestamp": "2026-05-20 10:00:00"}
    assert site.post(f"/operate/quarantine/{ids[0]}", data=fields).status_code == 303
    changed = json.loads(record(published, ids[0]).current_body)
    assert changed == {**EVENT, "event_timestamp": "2026-05-20 10:00:00"}, "a masked field that is left empty stays"
    assert "edited by anna" in site.get("/operate/quarantine").text

    sent = site.post(f"/operate/quarantine/{ids[0]}", data={"token": form_token(page), "action": "replay"})
    assert sent.status_code == 303, sent.text
    job = ended(site, sent.headers["location"].replace("/operate", API))
    assert (job["status"], job["result"]) == ("DONE", {"replayed": 1, "refused": []}), job["said"]
    assert record(published, ids[0]).state == "replayed"
    with connections.clickhouse(published) as client:
        query = f"select count() from {TABLE} where event_id = 'operators-1'"
        assert client.query(query).result_rows == [(1,)]
        client.command(f"delete from {TABLE} where event_id = 'operators-1'")
    assert "quarantine" in site.get(sent.headers["location"]).text
    lines = {line["action"]: line for line in audit(site)[:3]}
    assert lines["edit record"]["detail"] == {"fields": ["event_timestamp"]}
    assert lines["start replay records"]["detail"]["record"] == ids[0]
    assert SECRET not in json.dumps(audit(site))


def test_what_is_refused_again_stays_open_and_the_job_says_why(
    site: TestClient, published: Settings, ids: list[int]
) -> None:
    choice = {"action": "replay", "stream": "post_log", "reason": "no_number"}
    begun = site.post(f"{API}/quarantine/jobs", headers=by(OPERATOR), json=choice)
    assert begun.status_code == 202, begun.text
    job = ended(site, begun.headers["location"])
    assert (job["status"], job["exit_code"], job["result"]["replayed"]) == ("FAILED", 1, 0)
    assert {line["id"] for line in job["result"]["refused"]} == {ids[2], ids[3]}
    assert all("metrics" in line["refused"] for line in job["result"]["refused"])
    assert record(published, ids[2]).state == "open"


def test_a_reason_is_discarded_for_all_records_of_its_stream(
    site: TestClient, published: Settings, ids: list[int]
) -> None:
    sign_in(site, OPERATOR)
    page = site.get("/operate/quarantine")
    assert "post_log" in page.text
    fields = {"token": form_token(page), "stream": "post_log", "reason": "no_number", "action": "discard"}
    sent = site.post("/operate/quarantine", data=fields)
    job = ended(site, sent.headers["location"].replace("/operate", API))
    assert (job["status"], job["result"]) == ("DONE", {"discarded": 2}), job["said"]
    listed = site.get(f"{API}/quarantine", headers=by(READER)).json()["data"]
    assert [row["quarantine_id"] for row in listed] == [ids[1], ids[0]]
    assert len(site.get(f"{API}/quarantine?state=all&limit=3", headers=by(READER)).json()["data"]) == 3


def test_a_person_is_forgotten_and_nothing_keeps_the_name(
    site: TestClient, published: Settings, ids: list[int]
) -> None:
    sign_in(site, OPERATOR)
    fields = {"token": form_token(site.get("/operate/quarantine")), "action": "forget", "key": SECRET}
    sent = site.post("/operate/quarantine", data=fields)
    assert (sent.status_code, sent.headers["location"]) == (303, "/operate/quarantine?state=all&deleted=1")
    assert "1 record deleted" in site.get(sent.headers["location"]).text
    assert site.get(f"{API}/quarantine/{ids[0]}", headers=by(READER)).status_code == 404
    with connections.postgres(published) as connection:
        kept = connection.execute("select audit::text from ops.app_audit as audit").fetchall()
        kept += connection.execute("select job::text from ops.app_job as job").fetchall()
    assert SECRET not in str(kept)


def test_a_torn_record_is_shown_only_on_demand_and_written_again(
    site: TestClient, published: Settings, ids: list[int]
) -> None:
    sign_in(site, OPERATOR)
    page = site.get(f"/operate/quarantine/{ids[1]}")
    assert "{&#34;torn" not in page.text
    revealed = site.post(f"/operate/quarantine/{ids[1]}", data={"token": form_token(page), "action": "reveal"})
    assert "{&#34;torn" in revealed.text
    assert (audit(site)[0]["action"], audit(site)[0]["subject"]) == ("reveal record", str(ids[1]))
    fields = {"token": form_token(page), "action": "edit", "body": json.dumps({**EVENT, "event_id": "e-2"})}
    assert site.post(f"/operate/quarantine/{ids[1]}", data=fields).status_code == 303
    assert json.loads(record(published, ids[1]).current_body)["event_id"] == "e-2"


def test_a_reader_sees_and_changes_nothing(site: TestClient, published: Settings, ids: list[int]) -> None:
    shown = site.get(f"{API}/quarantine/{ids[0]}", headers=by(READER)).json()["data"]
    assert shown["body"]["dimensions"] == "•••"
    posts = [
        ("quarantine/jobs", {"action": "discard", "record": ids[0]}),
        ("quarantine/forget", {"key": SECRET}),
        (f"quarantine/{ids[0]}/edit", {"fields": {"source": "x"}}),
        (f"quarantine/{ids[0]}/reveal", None),
    ]
    assert [site.post(f"{API}/{path}", headers=by(READER), json=body).status_code for path, body in posts] == [403] * 4
    sign_in(site, READER)
    page = site.get(f"/operate/quarantine/{ids[0]}")
    assert "Repair" not in page.text
    for path in ("", f"/{ids[0]}"):
        fields = {"token": form_token(page), "action": "discard", "stream": "post_log", "reason": "no_number"}
        assert site.post(f"/operate/quarantine{path}", data=fields).status_code == 403
    assert {record(published, number).state for number in ids} == {"open"}
    assert record(published, ids[0]).edited_by == ""


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("quarantine/jobs", {"action": "replay", "stream": "--all", "reason": "x"}, 400),
        ("quarantine/jobs", {"action": "replay", "stream": "post_log", "reason": "--all"}, 400),
        ("quarantine/jobs", {"action": "drop", "record": 1}, 400),
        ("quarantine/jobs", {"action": "replay", "record": 10**15}, 404),
        ("quarantine/1000000000000000/edit", {"fields": {"source": "x"}}, 404),
        ("quarantine/0/edit", {"fields": {"source": "x"}}, 404),
        ("quarantine/{id}/edit", {}, 400),
        ("quarantine/{id}/edit", {"fields": {"colour": "x"}}, 409),
        ("quarantine/forget", {"key": "  "}, 400),
        ("quarantine/forget", {"key": "a\nb"}, 400),
    ],
)
def test_what_cannot_be_done_is_refused(
    site: TestClient, ids: list[int], path: str, body: dict[str, Any], status: int
) -> None:
    answer = site.post(f"{API}/{path.format(id=ids[0])}", headers=by(OPERATOR), json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text


def test_every_stream_is_listed_before_one_was_used(site: TestClient) -> None:
    rows = site.get(f"{API}/streams", headers=by(READER)).json()["data"]
    assert {"profile_log", "post_log"} <= {row["stream"] for row in rows}
    assert len(rows) == 26
    sign_in(site, READER)
    assert "profile_<wbr>log" in site.get("/operate/streams").text
