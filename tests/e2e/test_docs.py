"""`stir docs`: the documentation site in a real browser, without a network."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect, sync_playwright

from stir.cli.programs import CHROMIUM
from stir.settings import PROJECT_DIR, Settings

PATIENCE = 180_000
STOP_SECONDS = 120


@pytest.fixture
def site(settings: Settings) -> Iterator[str]:
    """The address that `stir docs` tells, while it serves."""
    command = [sys.executable, "-m", "stir", "docs"]
    with subprocess.Popen(command, cwd=PROJECT_DIR, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        told = ""
        for line in process.stdout:
            told += line
            if "Serving docs" in line:
                break
        found = re.search(r"http://127\.0\.0\.1:\d+", told)
        assert found, told
        yield found.group()
        process.terminate()
        process.wait(STOP_SECONDS)


def test_a_model_is_shown_with_its_meaning_owner_columns_and_code_and_nothing_is_asked_abroad(site: str) -> None:
    abroad: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM.path(), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.on(
            "request", lambda request: None if request.url.startswith((site, "data:")) else abroad.append(request.url)
        )
        page.goto(f"{site}/#!/model/model.stir.mart_leaderboard")
        expect(page.get_by_text("The published leaderboard, one row per month")).to_be_visible(timeout=PATIENCE)
        expect(page.get_by_text("leaderboard@stir.example")).to_be_visible()
        expect(page.get_by_text("followers_change_rank_prev", exact=True).first).to_be_visible()
        page.goto(f"{site}/#!/exposure/exposure.stir.leaderboard_application")
        expect(page.get_by_text("Pages of boards, creators")).to_be_visible()
        browser.close()

    assert abroad == []
