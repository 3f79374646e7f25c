"""The Airflow web UI in a real browser: what a user sees of the DAGs. Screenshots go to `<state_dir>/screenshots`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect, sync_playwright

from stir.cli.programs import CHROMIUM
from stir.local.airflow.api import AirflowApi
from stir.local.airflow.config import USER, base_url, identity
from stir.settings import PROJECT_DIR, Settings

from .airflow_runs import ended, unpaused, wait_for, whole_run
from .test_airflow import generations

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
)
DAG = "sync_leaderboard_prod"
STEPS = ["export", "load", "index", "verify", "swap", "tidy"]
BESIDE = "rank_movement"
"""The table that the leaderboard's DAG publishes in a task of its own."""
PATIENCE = 180_000
PER_PAGE = 50
"""What the list shows unless asked for another number."""


@pytest.fixture(scope="module")
def screenshots(settings: Settings) -> Path:
    folder = settings.state_dir / "screenshots"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def published(airflow: AirflowApi) -> str:
    """The id of the newest publish run with every step."""
    return whole_run(airflow, DAG)


@pytest.fixture(scope="module")
def page(airflow: AirflowApi, settings: Settings) -> Iterator[Page]:
    """A logged-in browser page; requests that leave this machine fail the test."""
    abroad: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM.path(), args=FLAGS)
        look = ViewportSize(width=1500, height=1000)
        page = browser.new_context(viewport=look, reduced_motion="reduce").new_page()
        page.set_default_timeout(PATIENCE)
        page.on("request", lambda request: abroad.append(request.url) if _leaves(request.url) else None)
        page.goto(f"{base_url(settings)}/auth/login?next=%2F")
        page.fill("input[name=username]", USER)
        page.fill("input[name=password]", identity(settings).password)
        page.click("button[type=submit]")
        page.get_by_test_id("nav-dags-link").wait_for()
        yield page
        browser.close()
    assert abroad == []


def _leaves(url: str) -> bool:
    return url.startswith("http") and "//127.0.0.1:" not in url


def test_the_list_shows_every_dag(page: Page, settings: Settings, screenshots: Path) -> None:
    names = {path.stem for path in (PROJECT_DIR / "dags").rglob("*.py")}
    page.goto(f"{base_url(settings)}/dags")
    expect(page.get_by_text(f"{len(names)} Dags", exact=True)).to_be_visible(timeout=PATIENCE)
    links = page.locator("a[href^='/dags/']")
    listed: set[str] = set()
    while True:
        missing = names - listed
        listed |= wait_for(partial(shown, links, missing, min(PER_PAGE, len(missing))), f"{len(missing)} more DAGs")
        page.screenshot(path=screenshots / f"dags-{len(listed)}.png")
        if listed == names:
            break
        page.get_by_test_id("next").click()


def shown(links: Locator, names: set[str], at_least: int) -> set[str] | None:
    """Those of the names that links bear by now; None until they are enough."""
    found = names & {text.strip() for text in links.all_inner_texts()}
    return found if len(found) >= at_least else None


def test_the_grid_of_a_publish_is_green(page: Page, settings: Settings, published: str, screenshots: Path) -> None:
    page.goto(f"{base_url(settings)}/dags/{DAG}")
    for step in STEPS:
        expect(page.get_by_test_id(f"task-{step}")).to_be_visible(timeout=PATIENCE)
        expect(page.get_by_test_id(f"grid-{published}-{step}")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_test_id("header-card").get_by_test_id("state-badge").first).to_be_visible(timeout=PATIENCE)
    page.screenshot(path=screenshots / "grid.png")


@pytest.mark.long  # the grid shows each step, and tests/dags/test_catalogue.py knows what comes before each
def test_the_graph_shows_the_steps_in_order(page: Page, settings: Settings, screenshots: Path) -> None:
    page.goto(f"{base_url(settings)}/dags/{DAG}")
    page.get_by_role("button", name="Show Graph").first.click()
    nodes = page.locator(".react-flow__node")
    expect(nodes).to_have_count(len([*STEPS, BESIDE]), timeout=PATIENCE)
    boxes = {node.inner_text().split()[0]: node.bounding_box() for node in nodes.all()}
    assert BESIDE in boxes
    places = [(box["x"], box["y"]) for step in STEPS if (box := boxes[step])]
    assert places in (sorted(places), sorted(places, key=lambda place: place[1])), "left to right, or top to bottom"
    page.screenshot(path=screenshots / "graph.png")
    page.get_by_role("button", name="Show Grid").first.click()


@pytest.mark.long  # tests/dags/test_catalogue.py reads schedule, owner and text of every DAG
def test_the_code_tab_alone_shows_schedule_owner_purpose_and_what_to_do(
    airflow: AirflowApi, page: Page, settings: Settings, screenshots: Path
) -> None:
    team = next(iter(airflow.call("GET", f"/dags/{DAG}")["owners"]))
    assert team == "leaderboard"
    page.goto(f"{base_url(settings)}/dags/{DAG}/code")
    for words in ("When it fails", "15 22 * * *", "owner", "mart_leaderboard"):
        expect(page.get_by_text(words).first).to_be_visible(timeout=PATIENCE)
    page.screenshot(path=screenshots / "code.png")


@pytest.mark.long  # test_a_run_by_hand_is_started_from_its_form reads the log of another task
def test_a_tasks_log_shows_what_the_step_did(page: Page, settings: Settings, published: str, screenshots: Path) -> None:
    page.goto(f"{base_url(settings)}/dags/{DAG}/runs/{published}/tasks/export")
    expect(page.get_by_text("leaderboard to prod").first).to_be_visible(timeout=PATIENCE)
    page.screenshot(path=screenshots / "log.png")


def test_a_publish_task_leads_to_its_generation_and_from_there_to_its_model(
    page: Page, settings: Settings, published: str, screenshots: Path
) -> None:
    page.goto(f"{base_url(settings)}/dags/{DAG}/runs/{published}/tasks/swap/details")
    page.get_by_role("link", name="Generation", exact=True).click()
    generation = generations(settings, "leaderboard")[-1]
    expect(page.get_by_text(f"published generation {generation}.")).to_be_visible(timeout=PATIENCE)
    expect(page.locator("tr.chosen", has_text="live")).to_contain_text(f"{generation}live", timeout=PATIENCE)
    page.screenshot(path=screenshots / "generation.png")
    page.get_by_role("link", name="mart_leaderboard").click()
    expect(page.get_by_text("one row per month, platform, profile_platform, platform_id")).to_be_visible(
        timeout=PATIENCE
    )
    page.screenshot(path=screenshots / "model.png")
    stranger = page.request.get(f"{base_url(settings)}/stir/models/mart_leaderboard", headers={"Cookie": ""})
    assert stranger.status == 401


def test_a_build_task_leads_to_each_model_of_its_run(
    airflow: AirflowApi, page: Page, settings: Settings, screenshots: Path
) -> None:
    dag_id, model = "post_ranker_partial", "mart_instagram_post_ranks_partial"
    run_id = whole_run(airflow, dag_id)
    page.goto(f"{base_url(settings)}/dags/{dag_id}/runs/{run_id}/tasks/build/details")
    page.get_by_role("link", name="Models of this run", exact=True).click()
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name=model, exact=True))
    expect(row).to_contain_text("success", timeout=PATIENCE)
    page.screenshot(path=screenshots / "run-models.png")
    row.get_by_role("link", name=model, exact=True).click()
    for words in ("rows written", "Lineage", "Insert", "Compiled SQL"):
        expect(page.get_by_text(words).first).to_be_visible(timeout=PATIENCE)
    page.emulate_media(color_scheme="dark")
    page.screenshot(path=screenshots / "run-model-dark.png")
    page.emulate_media(color_scheme="light")
    address = page.url
    assert page.request.get(f"{address}x").status == 404, "a model that the run does not have"
    stranger = page.request.get(address, headers={"Cookie": ""})
    assert stranger.status == 401


FORMS = {
    "transform": "dbt_orders",
    "instagram": "sync_instagram_stories",
    "youtube": "sync_youtube_channels",
    "publish": "sync_hashtags_prod",
    "operations": "create_missing_journeys",
    "assets": "upload_handle_verification",
    "utility": "monitor_pipeline_freshness",
}
"""A DAG of each category, whose form is sent as it opens."""


# test_a_run_by_hand_is_started_from_its_form opens one; tests/dags/test_parsing.py knows what each may be left as.
@pytest.mark.long
def test_every_form_can_be_sent_as_it_opens(airflow: AirflowApi, page: Page, settings: Settings) -> None:
    names = sorted(path.stem for path in (PROJECT_DIR / "dags").rglob("*.py"))
    for dag_id in names:
        opens_ready(page, settings, dag_id)


@pytest.mark.long  # the test below sends one
def test_a_form_of_each_category_is_sent_as_it_opens(
    airflow: AirflowApi, page: Page, settings: Settings, screenshots: Path
) -> None:
    dialog = page.get_by_role("dialog")
    send = dialog.get_by_role("button", name="Trigger", exact=True)
    with unpaused(airflow, *FORMS.values()):
        for dag_id in FORMS.values():
            opens_ready(page, settings, dag_id)
            page.screenshot(path=screenshots / f"form-{dag_id}.png")
            send.click()
            expect(dialog).to_be_hidden(timeout=PATIENCE)
        for dag_id in FORMS.values():
            made = wait_for(partial(newest_by_hand, airflow, dag_id), f"the run of {dag_id}")
            assert ended(airflow, dag_id, made["dag_run_id"]) == "success", dag_id


def opens_ready(page: Page, settings: Settings, dag_id: str) -> None:
    """Open the form of a DAG, which must be ready to be sent."""
    page.goto(f"{base_url(settings)}/dags/{dag_id}")
    page.get_by_role("button", name="Trigger").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Trigger", exact=True)).to_be_enabled(timeout=PATIENCE)
    assert dialog.get_by_role("heading").first.inner_text() == f"Trigger Dag - {dag_id}"


def newest_by_hand(api: AirflowApi, dag_id: str) -> dict[str, Any] | None:
    """The newest run that somebody asked for in the browser."""
    runs = api.call("GET", f"/dags/{dag_id}/dagRuns", params={"run_type": ["manual"], "order_by": "-run_after"})
    return next((run for run in runs["dag_runs"] if run["triggered_by"] == "ui"), None)


def test_a_run_by_hand_is_started_from_its_form(
    airflow: AirflowApi, page: Page, settings: Settings, screenshots: Path
) -> None:
    dag_id = "create_missing_payouts"
    with unpaused(airflow, dag_id):
        page.goto(f"{base_url(settings)}/dags/{dag_id}")
        page.get_by_role("button", name="Trigger").first.click()
        expect(page.get_by_text("Dry run").first).to_be_visible(timeout=PATIENCE)
        page.get_by_text("Only log").first.wait_for()
        page.locator("label:has(input[name='element_dry_run'])").click()
        page.screenshot(path=screenshots / "form.png")
        page.get_by_role("dialog").get_by_role("button", name="Trigger", exact=True).click()
        made = wait_for(lambda: started_by_hand(airflow, dag_id), "the run")
        assert ended(airflow, dag_id, made["dag_run_id"]) == "success"
    assert made["conf"] == {"dry_run": True}
    page.goto(f"{base_url(settings)}/dags/{dag_id}/runs/{made['dag_run_id']}/tasks/apply")
    expect(page.get_by_text("would change (dry run)").first).to_be_visible(timeout=PATIENCE)
    page.screenshot(path=screenshots / "dry-run.png")


def started_by_hand(api: AirflowApi, dag_id: str) -> dict[str, Any] | None:
    runs = api.call("GET", f"/dags/{dag_id}/dagRuns", params={"run_type": ["manual"], "order_by": "-run_after"})
    return next((run for run in runs["dag_runs"] if run["conf"]), None)
