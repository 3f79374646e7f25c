"""The application while tables are swapped: every answer is of one generation, the one that it names."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from stir import connections
from stir.app.api.problems import MEDIA_TYPE
from stir.app.service import create_app
from stir.publish import PublishSpec, publish, roll_back
from stir.settings import Settings

from .left_overs import BOARD, generations, next_version, once
from .marts import Mart
from .registered import registered

SWAPS = 8
CLIENTS = 3
PATH = "/api/v1/leaderboards/INSTAGRAM"


def versions(place: Settings) -> dict[int, int]:
    """Generation to the version that its rows tell, as the moment of their data does."""
    return {item.generation: int(item.watermark.timestamp()) % 86_400 for item in generations(place) if item.watermark}


BOTH = pytest.mark.parametrize("board", ["rename", "partition"], indirect=True)
ONE = pytest.mark.parametrize("board", ["rename", pytest.param("partition", marks=pytest.mark.long)], indirect=True)
"""What the listing shows that goes on in its own generation, which runs with both modes in every run."""


@pytest.fixture(scope="module")
def board(request: pytest.FixtureRequest) -> Iterator[PublishSpec]:
    """The leaderboard in each mode; the second moves it over."""
    with registered(replace(BOARD, mode=request.param, carry_by="month")) as spec:
        yield spec


@pytest.fixture(scope="module")
def site(place: Settings, mart: Mart, board: PublishSpec) -> Iterator[TestClient]:
    """The application over two generations of a board whose rows tell their version."""
    for _ in range(2):
        mart.build(next_version(place) if generations(place) else 1)
        publish(place, board)
    with TestClient(create_app(place, per_minute=1_000_000), raise_server_exceptions=False) as client:
        yield client


@ONE
def test_rows_and_generation_agree_while_tables_are_swapped(
    place: Settings, site: TestClient, board: PublishSpec
) -> None:
    done = threading.Event()
    answers: list[tuple[int, set[int]]] = []
    faults: list[str] = []

    def look(limit: int) -> None:
        while not done.wait(0.02):  # the swaps need the processor, too
            answer = site.get(PATH, params={"limit": limit})
            if answer.status_code != 200:
                faults.append(answer.text)
                continue
            body = answer.json()
            answers.append((body["generations"]["leaderboard"]["generation"], {row["uploads"] for row in body["data"]}))

    lookers = [threading.Thread(target=look, args=(10 + number,)) for number in range(CLIENTS)]
    for looker in lookers:
        looker.start()
    for _ in range(SWAPS):
        live = generations(place)[-1]
        other = next(item.content for item in generations(place) if item.kept and item.content != live.content)
        roll_back(place, board, target="prod", run_id=once("look"), to=other)
    done.set()
    for looker in lookers:
        looker.join()

    known = versions(place)
    assert faults == []
    assert len({generation for generation, _ in answers}) > 2
    assert [answer for answer in answers if answer[1] != {known[answer[0]]}] == []


@BOTH
def test_a_listing_goes_on_in_its_own_generation_after_a_swap(
    place: Settings, mart: Mart, site: TestClient, board: PublishSpec
) -> None:
    first = site.get(PATH, params={"limit": 100}).json()
    began = first["generations"]["leaderboard"]["generation"]
    mart.build(next_version(place))
    publish(place, board)

    ids, page = [row["platform_id"] for row in first["data"]], first
    while page["page"]["next"]:
        page = site.get(PATH, params={"limit": 100, "cursor": page["page"]["next"]}).json()
        ids += [row["platform_id"] for row in page["data"]]
        assert page["generations"]["leaderboard"]["generation"] == began
        assert page["generations"]["leaderboard"]["superseded"]
        assert page["notes"] == ["superseded: a newer generation of leaderboard is live"]
    assert len(ids) == len(set(ids)) == 334  # ranks up to 1,000 of every third row
    assert not site.get(PATH).json()["generations"]["leaderboard"]["superseded"]


@ONE
def test_a_listing_whose_generation_is_gone_says_where_to_begin_again(
    place: Settings, mart: Mart, site: TestClient, board: PublishSpec
) -> None:
    first = site.get(PATH, params={"limit": 10}).json()
    for _ in range(board.keep + 1):
        mart.build(next_version(place))
        publish(place, board)
    gone = site.get(PATH, params={"limit": 10, "cursor": first["page"]["next"]})
    assert (gone.status_code, gone.headers["content-type"]) == (410, MEDIA_TYPE)
    assert gone.json()["restart"] == f"{PATH}?limit=10"


@ONE
def test_a_table_that_is_not_published_is_named(place: Settings, site: TestClient) -> None:
    answer = site.get("/api/v1/genres")
    assert answer.status_code == 503
    assert "genre_overview is not published yet" in answer.json()["detail"]
    assert int(answer.headers["retry-after"]) > 0
    ready = site.get("/readyz")
    assert ready.status_code == 503
    assert "genre_overview is not published" in ready.json()["reasons"]


@ONE
def test_a_statement_that_waits_for_a_lock_is_a_503_and_the_next_answer_comes(
    place: Settings, site: TestClient
) -> None:
    with connections.postgres(place, role="admin") as admin:
        admin.execute("lock table leaderboard in access exclusive mode")
        answer = site.get(PATH, params={"limit": 7})
        admin.rollback()
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:stir:problem:slow")
    assert site.get(PATH, params={"limit": 7}).status_code == 200


@ONE
def test_a_swap_is_notified_and_the_view_shows_it(
    place: Settings, mart: Mart, site: TestClient, board: PublishSpec
) -> None:
    with connections.postgres(place, role="reader", autocommit=True) as reader:
        reader.execute("listen stir_generation")
        mart.build(next_version(place))
        publish(place, board)
        (notice,) = reader.notifies(timeout=120, stop_after=1)
        row = reader.execute(
            "select table_name, generation, rows from stir.current_generation where table_name = 'leaderboard'"
        ).fetchone()
    live = generations(place)[-1]
    assert notice.payload == f"leaderboard {live.generation}"
    assert row == ("leaderboard", live.generation, live.rows)
