"""What customers' lists cost: for an operator with a token, noted in the audit log, and for nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from psycopg.rows import dict_row

from stir import connections
from stir.database import prepare_production
from stir.settings import Settings

from .operators import API, OPERATOR, READER, by, open_site, sign_in

COSTS = ("budget", "cost", "clicks", "overall_orders", "delivered_orders", "completed_orders")
PATH = f"{API}/collections"


@pytest.fixture(scope="module")
def site(published: Settings) -> Iterator[TestClient]:
    prepare_production(published)
    with open_site(published) as client:
        yield client


@pytest.fixture(scope="module")
def most_expensive(published: Settings) -> dict[str, Any]:
    """The list that cost most."""
    with connections.postgres(published, role="reader") as connection:
        cursor = connection.cursor(row_factory=dict_row)
        found = cursor.execute("select * from collection order by cost desc nulls last limit 1").fetchone()
    assert found
    assert found["cost"]
    return found


def audit(site: TestClient) -> list[tuple[str, str, str]]:
    lines = site.get(f"{API}/audit", headers=by(READER)).json()["data"]
    return [(line["who"], line["action"], line["subject"]) for line in lines if "costs" in line["action"]]


def test_an_operator_sees_costs_and_the_audit_log_says_so(site: TestClient, most_expensive: dict[str, Any]) -> None:
    answer = site.get(PATH, params={"partner_id": most_expensive["partner_id"]}, headers=by(OPERATOR))
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert answer.json()["data"]["generations"].keys() == {"collection"}
    own = [row for row in answer.json()["data"]["lists"] if row["collection_id"] == most_expensive["collection_id"]]
    assert [{name: row[name] for name in COSTS} for row in own] == [{name: most_expensive[name] for name in COSTS}]
    assert audit(site)[0] == ("anna", "look at costs of lists", "collection")
    key = f"{most_expensive['collection_type']}/{most_expensive['collection_id']}"
    one = site.get(f"{PATH}/{key}", headers=by(OPERATOR)).json()["data"]
    assert one["generations"].keys() == {"collection", "collection_post_metrics_summary"}
    assert sum(post["cost"] or 0 for post in one["listed_posts"]) == one["cost"] == most_expensive["cost"]
    assert audit(site)[0] == ("anna", "look at costs of a list", key)
    assert site.get(f"{PATH}/POST/nothing", headers=by(OPERATOR)).status_code == 404


def test_lists_come_page_by_page_each_once(site: TestClient, published: Settings) -> None:
    with connections.postgres(published, role="reader") as connection:
        query = "select collection_id from collection order by created_at desc, collection_id, collection_type"
        known = [row[0] for row in connection.execute(query)]
    found: list[str] = []
    while len(found) < len(known):
        asked = {"after": len(found), "limit": 40}
        page = site.get(PATH, params=asked, headers=by(OPERATOR)).json()["data"]["lists"]
        found += [row["collection_id"] for row in page]
        assert page
    assert found == known


def test_nobody_else_sees_them(site: TestClient, most_expensive: dict[str, Any]) -> None:
    key = f"{most_expensive['collection_type']}/{most_expensive['collection_id']}"
    noted = audit(site)
    for path in (PATH, f"{PATH}/{key}"):
        site.cookies.clear()
        assert site.get(path).status_code == 401
        assert site.get(path, headers=by(READER)).status_code == 403
        page = path.removeprefix("/api/v1")
        assert site.get(page).status_code == 303
        sign_in(site, READER)
        refused = site.get(page)
        assert refused.status_code == 403
        assert f">{most_expensive['cost']:,}<" not in refused.text
    assert audit(site) == noted


def test_the_pages_show_them_to_an_operator(site: TestClient, most_expensive: dict[str, Any]) -> None:
    sign_in(site, OPERATOR)
    listed = site.get("/operate/collections", params={"partner_id": most_expensive["partner_id"]})
    assert f">{most_expensive['cost']:,}<" in listed.text
    one = site.get(f"/operate/collections/{most_expensive['collection_type']}/{most_expensive['collection_id']}")
    assert "Read from collection generation" in " ".join(one.text.split())
    assert "Costs of" in one.text


def test_what_cannot_be_noted_is_not_shown(site: TestClient, published: Settings) -> None:
    with connections.postgres(published, role="admin", autocommit=True) as admin:
        admin.execute("alter table ops.app_audit rename to app_audit_away")
        try:
            answer = site.get(PATH, headers=by(OPERATOR))
        finally:
            admin.execute("alter table ops.app_audit_away rename to app_audit")
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:stir:problem:no-audit")
    assert "lists" not in answer.text.replace("lists only", "")
