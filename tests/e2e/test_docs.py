"""`stir docs`: the documentation site and dbt's in a real browser, without a network."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from stir.cli.programs import CHROMIUM
from stir.settings import PROJECT_DIR, Settings

PATIENCE = 180_000
STOP_SECONDS = 120


@pytest.fixture
def site(settings: Settings) -> Iterator[str]:
    """The address that `stir docs` prints, while it serves."""
    command = [sys.executable, "-m", "stir", "docs"]
    with subprocess.Popen(command, cwd=PROJECT_DIR, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        reported = ""
        for line in process.stdout:
            reported += line
            if "Ctrl-C" in line:
                break
        found = re.search(r"http://127\.0\.0\.1:\d+", reported)
        assert found, reported
        yield found.group()
        process.terminate()
        process.wait(STOP_SECONDS)


@pytest.fixture
def page(site: str) -> Iterator[Page]:
    """A page in Chromium. The test fails if it sends a request to another host."""
    elsewhere: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM.path(), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(base_url=site)
        page.on(
            "request",
            lambda request: None if request.url.startswith((site, "data:", "blob:")) else elsewhere.append(request.url),
        )
        yield page
        browser.close()
    assert elsewhere == []


def test_the_site_shows_pages_pictures_and_models_and_asks_no_other_host(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", name="Two commands")).to_be_visible()
    for image in page.locator("article img").all():
        assert image.evaluate("image => image.complete && image.naturalWidth") > 300

    # By the address: on a busy machine, text may be typed before the script of the page listens to the field.
    page.goto("/?q=stir_generation")
    result = page.locator(".md-search-result__link", has_text="Publishing").first
    expect(result).to_be_visible(timeout=PATIENCE)
    page.goto("/decisions/")
    page.locator("article").get_by_role("link", name="0005").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("0005")

    # Links that Airflow makes from STIR_DOCS_URL lead to the root and go on to dbt's site.
    page.goto("/#!/model/model.stir.mart_leaderboard")
    expect(page.get_by_text("The published leaderboard, one row per month")).to_be_visible(timeout=PATIENCE)
    assert "/dbt/" in page.url
    expect(page.get_by_text("leaderboard@stir.example")).to_be_visible()
    expect(page.get_by_text("followers_change_rank_prev", exact=True).first).to_be_visible()
    page.goto("/dbt/#!/exposure/exposure.stir.leaderboard_application")
    expect(page.get_by_text("Pages of boards, creators")).to_be_visible()
