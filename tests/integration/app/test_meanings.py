"""What numbers mean and rest on, wherever one is shown: in answers, on pages, and where they are explained."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from stir import connections
from stir.app.meanings import basis_of, read_definitions
from stir.settings import Settings

from .asking import ask

BOARDS = "/api/v1/leaderboards"


def test_every_metric_of_an_answer_says_what_it_rests_on(site: TestClient, share: str, published: Settings) -> None:
    board = ask(site, f"{BOARDS}/INSTAGRAM", limit=1)
    said = board["basis"]["leaderboard"]
    first = board["data"][0]
    numbers = {name for name, value in first.items() if type(value) in (int, float)}
    assert numbers <= said.keys() | {"movement"}
    assert set(said.values()) == {"measured"}
    with connections.postgres(published, role="reader") as connection:
        row = connection.execute(
            b"select platform_id from creator_post join creator_audience using (platform, platform_id)"
            b" where platform = 'INSTAGRAM' and female_ratio is not null limit 1"
        ).fetchone()
    assert row
    whole = ask(site, f"/api/v1/creators/INSTAGRAM/{row[0]}")
    assert whole["basis"]["creator_audience"]["female_ratio"] == "measured or estimated"
    assert whole["basis"]["creator_post"]["reach"] == "measured or estimated"
    graded = {one["metric"]: one["basis"] for one in whole["data"]["grades"]["metrics"]}
    assert graded["avg_likes"] == "measured"
    assert ask(site, f"/api/v1/collections/{share}")["basis"]["collection"]["reach"] == "measured or estimated"
    assert ask(site, "/api/v1/genres")["basis"]["genre_overview"]["male_ratio"] == "measured or estimated"


@pytest.mark.parametrize(
    "path", ["/boards/INSTAGRAM", "/genres", "/creators?q=a", "creator", "/compare?ids={}", "share"]
)
def test_every_number_of_a_page_links_its_definition_and_says_its_basis(
    site: TestClient, creator: str, share: str, path: str
) -> None:
    other = one_other(site, creator)
    address = {"creator": f"/creators/INSTAGRAM/{creator}", "share": f"/lists/{share}"}.get(
        path, path.format(f"IA:{creator},IA:{other}")
    )
    page = site.get(address).text
    links = re.findall(r'<a class="meaning" href="/definitions/(\w+)#([\w.]+)">[^<]+</a><small>([^<]*)</small>', page)
    assert links
    unlinked = re.findall(r'<th class="n[^"]*" scope="col">([^<]+)</th>', page)
    assert set(unlinked) <= {"Moved", "This account", "Group mean", "Peers", "Share", "Likeness"}
    for table, anchor, basis in set(links):
        column, _, member = anchor.partition(".")
        assert basis == basis_of(table, column, member)
        assert f'id="{anchor}"' in site.get(f"/definitions/{table}").text


def one_other(site: TestClient, creator: str) -> str:
    rows = ask(site, f"{BOARDS}/INSTAGRAM")["data"]
    return next(str(row["platform_id"]) for row in rows if row["platform_id"] != creator)


def test_definitions_have_a_page_for_each_table(site: TestClient) -> None:
    index = site.get("/definitions").text
    for table in read_definitions()["tables"]:
        assert f'href="/definitions/{table}"' in index
        page = site.get(f"/definitions/{table}")
        assert page.status_code == 200
        assert len(page.content) < 60_000, table
    assert site.get("/definitions/nothing").status_code == 404


def test_a_period_in_which_a_view_changed_its_meaning_is_marked(site: TestClient, published: Settings) -> None:
    with connections.postgres(published, role="reader") as reader:
        of_board = reader.execute(
            "select platform_id, to_char(month, 'YYYY-MM') from leaderboard where platform = 'YOUTUBE'"
            " and crosses_definition_change order by month desc, followers_rank limit 1"
        ).fetchone()
        of_weeks = reader.execute(
            "select distinct platform_id from social_profile_time_series where platform = 'INSTAGRAM'"
            " and crosses_definition_change and not monthly_stats order by platform_id limit 2"
        ).fetchall()
    assert of_board
    platform_id, month = of_board
    found = ask(site, f"/api/v1/creators/YOUTUBE/{platform_id}", include="ranks")
    flagged = [row["month"][:7] for row in found["data"]["months"] if row["crosses_definition_change"]]
    assert month in flagged
    assert [note for note in found["notes"] if note.startswith("definition: what is counted as a view changed")]
    ranks = ask(site, f"/api/v1/creators/YOUTUBE/{platform_id}/ranks")["data"]
    marked = {row["month"][:7] for row in ranks if row["crosses_definition_change"]}
    assert marked == set(flagged) & {row["month"][:7] for row in ranks}
    why = f"/creators/YOUTUBE/{platform_id}/why"
    assert ask(site, f"/api/v1{why}", metric="views", month=month)["data"]["crosses_definition_change"]
    by_views = f"{why}?metric=views&month={month}"
    compared = "/compare?ids=" + ",".join(f"IA:{row[0]}" for row in of_weeks)
    for path in (f"/creators/YOUTUBE/{platform_id}", f"/boards/YOUTUBE?month={month}", by_views, compared):
        assert "Do not compare its views with those of other periods" in site.get(path).text
    board, growth = f"/embed/boards/YOUTUBE.svg?month={month}", f"/embed/creators/INSTAGRAM/{of_weeks[0][0]}.svg"
    for path in (board, growth):
        assert "What is counted as a view changed" in site.get(path).text
