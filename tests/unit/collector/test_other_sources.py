"""Shopify's orders, pictures, and providers that a file describes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.unit.collector.platform import Budget, Known, Run, conforms, key, run, task, wait

from stir.collector.limits import documented
from stir.collector.protocol import Complete, Failed, GivenBack, NotFound, Throttled, Usage
from stir.collector.sources.http_json import load_providers
from stir.errors import StirError
from stir.world.standins.server import Ask, Reply, StandIn
from stir.world.standins.shop import ShopStandIn

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40
PROVIDER = """
name: example
url: {url}
source: example_api
headers: {{authorization: "Bearer {{secret}}"}}
check:
  has: [data]
  lacks: [error]
  limit: [Note, "~Exceeded the daily hits limit"]
limits:
  - {{count: 60, seconds: 60}}
flows:
  refresh_profile_by_handle:
    path: /v1/users/{{entity}}
    records:
      - items: data.user
        stream: profile_log
        fields:
          platform: "=INSTAGRAM"
          profile_id: id
          handle: username
          metrics: {{followers: counts.followers, following: counts.following}}
  fetch_profile_followers:
    path: /v1/users/{{entity}}/followers
    paging: {{next: data.cursor, parameter: cursor}}
    records:
      - items: data.users
        stream: profile_relationship
        fields:
          id: number
          relationship_type: "=follower"
          platform: "=INSTAGRAM"
          source_profile_id: id
          target_profile_id: "={{entity}}"
          source_dimensions: {{handle: username}}
          timestamp: seen
"""


def order(number: int, **more: Any) -> Mapping[str, Any]:
    return {
        "id": 5_000_000_000 + number,
        "name": f"#{number}",
        "total_price": "199.50",
        "tags": "gcc",
        "email": "buyer@example.org",
        "landing_site": "/products/1?utm_source=gcc&utm_medium=creator&utm_campaign=ab",
        "fulfillment_status": "fulfilled",
        "fulfillments": [{"status": "success", "created_at": "2026-06-03T10:00:00+05:30", "tracking_number": "X"}],
        "created_at": "2026-06-01T10:00:00+05:30",
        "updated_at": f"2026-06-03T{number // 60:02}:{number % 60:02}:00Z",
        "cancelled_at": None,
        **more,
    }


def shop(orders: list[Mapping[str, Any]], *, tokens: tuple[str, ...] = ("secret-1",), **params: Any) -> Run:
    async def work() -> Run:
        async with StandIn(ShopStandIn(orders, tokens)) as server:
            budget = Budget([key(source="shopify", account="store-1")])
            asked = task("refresh_orders_by_store", "store-1", **params)
            found = await run({"shopify": server.url}, asked, budget=budget)
            found.asked.extend(server.asked)
            return found

    return wait(work())


def test_changed_orders_are_read_over_all_pages_in_the_order_of_their_changes() -> None:
    found = shop([order(number) for number in range(600)], updated_at_min="2026-06-03T00:10:00Z")

    assert found.outcome == Complete(590, "shopify")
    assert [len(asked.params) for asked in found.asked] == [4, 2, 2]
    assert found.streams["beat_order"][-1]["updated_at"] == "2026-06-03T09:59:00+00:00"
    assert found.budget.usages[0] == Usage(percent=80)
    conforms(found)


def test_an_order_keeps_what_a_report_needs_and_nothing_of_the_buyer() -> None:
    found = shop([order(1), order(2, cancelled_at="2026-06-03T12:00:00Z")])

    first, second = found.streams["beat_order"]
    assert (first["status"], second["status"]) == ("FULFILLED", "CANCELLED")
    assert first["utm_params"] == '{"source":"gcc","medium":"creator","campaign":"ab"}'
    assert "buyer" not in str(found.streams)
    assert "tracking" not in str(found.streams)


def test_a_shop_that_refuses_the_token_switches_it_off() -> None:
    found = shop([], tokens=("other",))

    assert isinstance(found.outcome, GivenBack)
    assert found.budget.disabled == {1: "the shop answers 401"}


def test_no_shops_token_is_sent_to_a_host_that_a_request_names() -> None:
    async def work() -> Run:
        budget = Budget([key(source="shopify", account="evil.example/x")])
        return await run(
            {"shopify": "http://{store}"}, task("refresh_orders_by_store", "evil.example/x"), budget=budget
        )

    found = wait(work())

    assert isinstance(found.outcome, Failed)
    assert "no name of a shop" in found.outcome.reason


def picture(reply: Reply, *, known: Known | None = None, address: str = "", allow_private: bool = True) -> Run:
    async def work() -> Run:
        async with StandIn(lambda asked: reply) as server:
            asked = task(
                "asset_upload_flow", "C1", original_url=address or f"{server.url}/p.jpg", entity_type="POST",
                asset_type="IMAGE",
            )  # fmt: skip
            return await run({}, asked, known=known, collect_private_media=allow_private)

    return wait(work())


def test_a_picture_is_kept_under_its_content_and_its_address_is_reported() -> None:
    found = picture(Reply(PNG, headers={"content-type": "image/png"}))

    (row,) = found.streams["beat_asset_log"]
    ((place, content, kind),) = found.kept
    assert (content, kind) == (PNG, "image/png")
    assert place.startswith("assets/instagram/post/C1/")
    assert (row["entity_id"], row["entity_type"], row["asset_url"]) == ("C1", "POST", f"s3://bucket/{place}")
    conforms(found)


def test_a_picture_that_is_there_keeps_its_row() -> None:
    known = Known({"beat_replica.asset_log": [{"id": 9, "entity_id": "C1", "platform": "INSTAGRAM"}]})

    assert picture(Reply(PNG), known=known).streams["beat_asset_log"][0]["id"] == 9


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (Reply("gone", 410), NotFound),
        (Reply("URL signature expired", 403), NotFound),
        (Reply("<html>Log in</html>", headers={"content-type": "image/png"}), Failed),
        (Reply(b"", headers={"content-type": "image/png"}), Failed),
        (Reply(PNG, 503), GivenBack),
        (Reply(PNG, damage="cut"), GivenBack),
    ],
)
def test_what_is_no_picture_is_not_kept(reply: Reply, outcome: type) -> None:
    found = picture(reply)

    assert isinstance(found.outcome, outcome)
    assert found.kept == []


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "http://127.0.0.1:9/x", "http://[::1]/x", "http://10.0.0.1/x", "x"]
)
def test_no_address_of_the_own_network_is_fetched(address: str) -> None:
    found = picture(Reply(PNG), address=address, allow_private=False)

    assert isinstance(found.outcome, Failed)
    assert found.budget.charges == []


def provided(folder: Path, answer: Any, *tasks: Any, text: str = PROVIDER, **more: Any) -> Run:
    async def work() -> Run:
        async with StandIn(answer) as server:
            (folder / "example.yaml").write_text(text.format(url=server.url))
            budget = Budget([key(source="example")])
            found = await run({}, *tasks, budget=budget, collect_providers=folder, **more)
            found.asked.extend(server.asked)
            return found

    return wait(work())


def test_a_provider_answers_where_the_sources_before_it_cannot(tmp_path: Path) -> None:
    user = {"id": "42", "username": "anna", "counts": {"followers": 5, "following": None}}

    found = provided(tmp_path, lambda asked: Reply({"data": {"user": user}}), task("refresh_profile_by_handle", "anna"))

    (event,) = found.streams["profile_log"]
    assert (event["source"], event["profile_id"], event["metrics"]) == ("example_api", "42", {"followers": 5})
    assert found.outcome == Complete(1, "example_api")
    assert found.asked[0].headers["authorization"] == "Bearer secret-1"
    assert found.asked[0].path == "/v1/users/anna"
    conforms(found)


def test_a_provider_answers_a_flow_that_no_official_source_answers_over_all_pages(tmp_path: Path) -> None:
    def answer(asked: Ask) -> Reply:
        start = int(asked.params.get("cursor", 0))
        seen = "2026-06-14T10:00:00Z"
        users = [{"id": str(n), "number": n, "username": f"u{n}", "seen": seen} for n in range(start, start + 2)]
        return Reply({"data": {"users": users, "cursor": start + 2 if start < 4 else None}})

    found = provided(tmp_path, answer, task("fetch_profile_followers", "77"))

    assert [each["source_profile_id"] for each in found.streams["profile_relationship"]] == [
        "0",
        "1",
        "2",
        "3",
        "4",
        "5",
    ]
    assert found.streams["profile_relationship"][0]["target_profile_id"] == "77"
    conforms(found)


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (Reply({"Note": "Thank you for using us. 25 requests a day."}), Throttled),
        (Reply("Exceeded the daily hits limit", headers={"content-type": "text/plain"}), Throttled),
        (Reply({"data": {}, "error": "bad"}), Failed),
        (Reply({}), GivenBack),
        (Reply("Welcome", headers={"content-type": "text/plain"}), GivenBack),
        (Reply({}, 404), Failed),
    ],
    ids=["Note", "plain text", "error", "empty", "no JSON", "404"],
)
def test_a_body_that_says_otherwise_than_its_status_is_believed(tmp_path: Path, reply: Reply, outcome: type) -> None:
    found = provided(tmp_path, lambda asked: reply, task("fetch_profile_followers", "77"))

    assert isinstance(found.outcome, outcome)
    assert not found.streams


def test_the_budget_knows_a_provider_and_the_limits_of_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "example.yaml").write_text(PROVIDER.format(url="http://127.0.0.1:1"))
    monkeypatch.setenv("STIR_COLLECT_PROVIDERS", str(tmp_path))

    source = documented()["example"]

    ((limit,),) = source.buckets.values()
    assert (list(source.buckets), source.needs_credential) == (["calls"], True)
    assert (limit.count, limit.seconds, limit.scope) == (60, 60, "credential")


@pytest.mark.parametrize("flow", ["fetch_profile_followers", "fetch_profile_following"])
def test_a_flow_that_nobody_answers_is_refused_with_the_reason(flow: str) -> None:
    found = wait(run({}, task(flow, "77")))

    assert isinstance(found.outcome, Failed)
    assert "no official API" in found.outcome.reason


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: [", "no YAML"),
        ("name: example", "url"),
        (PROVIDER.replace("fetch_profile_followers", "fetch_everything"), "fetch_everything"),
        (PROVIDER.replace("stream: profile_log", "stream: profiles"), "profiles"),
        (PROVIDER + "password: x", "password"),
        (PROVIDER.replace("name: example", "name: 'a b'"), "name"),
    ],
)
def test_a_file_that_is_wrong_is_refused_in_one_line_that_names_it(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "mine.yaml").write_text(
        text.replace("{url}", "http://127.0.0.1:1").replace("{{", "{").replace("}}", "}")
    )

    with pytest.raises(StirError) as refused:
        load_providers(tmp_path)

    assert said in refused.value.line
    assert "\n" not in refused.value.line
