"""The pages in a real browser: they say what the API says, without errors, script, or asking anybody else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, sync_playwright

from stir import connections
from stir.cli.programs import CHROMIUM
from stir.settings import Settings

QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]

CUT_OFF = """[...document.querySelectorAll("svg.chart text")].filter(text => {
    const [inner, outer] = [text, text.closest("svg")].map(each => each.getBoundingClientRect());
    return outer.width && (inner.left < outer.left || inner.right > outer.right);
}).map(text => text.textContent)"""
"""The words of charts that do not fit into them."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM.path(), args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A page without script. At the end nothing stands in its console, and it has asked nobody else."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    yield page
    context.close()
    assert [url for url in asked if not url.startswith(address)] == []


def test_a_brand_manager_finds_a_creator_and_compares_it(page: Page, address: str) -> None:
    page.goto(address)
    assert page.title().startswith("Instagram: creators by followers")
    page.get_by_label("Country").select_option("IN")
    page.get_by_role("button", name="Show").click()
    assert "country=IN" in page.url
    rows = page.locator("tbody tr")
    first, second = rows.nth(0).get_by_role("link"), rows.nth(1).get_by_role("link")
    name, other = first.inner_text(), str(second.get_attribute("href")).rpartition("/")[2]
    first.click()
    assert page.get_by_role("heading", level=1).inner_text() == name
    assert page.locator("svg.chart:not(.places)").count() in (
        1,
        2,
    )  # the rank has a chart where it is known for two months
    page.get_by_text("The same as a table").click()
    assert page.locator("details[open] table").is_visible()
    page.get_by_label("Compare with another creator").fill(f"IA:{other}")
    page.get_by_role("button", name="Compare").click()
    assert page.locator("[aria-label=Compared] tbody tr").count() == 2


@pytest.mark.parametrize("script", [False, True])
def test_a_brand_manager_sees_why_a_rank_moved_and_compares_by_name(
    browser: Browser, address: str, published: Settings, script: bool
) -> None:
    with connections.postgres(published, role="reader") as connection:
        # The genre of India's creators in Hindi that has the most of them; the tests' world is small.
        (category,) = connection.execute(
            "select category from leaderboard where platform = 'INSTAGRAM'"
            " and language = 'hi' and country = 'IN' and category is not null"
            " and month = (select max(month) from leaderboard) group by 1 order by count(*) desc, 1 limit 1"
        ).fetchone() or ("",)
    context = browser.new_context(java_script_enabled=script)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(address)
    page.get_by_label("Category").select_option(category)
    page.get_by_label("Language").select_option("hi")
    page.get_by_label("Country").select_option("IN")
    page.get_by_role("button", name="Show").click()
    page.locator("tbody tr").first.get_by_role("link").click()
    name = page.get_by_role("heading", level=1).inner_text()
    assert page.get_by_role("heading", name="Why the rank moved").count() == 1
    page.get_by_role("link", name="Other months and rankings").click()
    assert page.get_by_role("heading", level=1).inner_text() == f"Why the rank of {name} moved"
    rows = page.locator("tbody tr")
    assert rows.count() > 1
    for row in rows.all():
        cells = [cell.replace("\N{MINUS SIGN}", "-").replace(",", "") for cell in row.locator("td").all_inner_texts()]
        if len(cells) == 7:
            before, now, moved, *parts = map(int, cells)
            assert before - now == moved == sum(parts)
    page.get_by_role("link", name=name, exact=True).click()
    page.get_by_label("Compare with another creator").fill("a")
    page.get_by_role("button", name="Compare").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Compare with whom?"
    page.locator("tbody tr").last.get_by_role("link", name="Compare with").click()
    assert page.locator("[aria-label=Compared] tbody tr").count() == 2
    assert name in page.get_by_role("heading", level=1).inner_text()
    page.get_by_label("Find a creator").fill(name[:4])
    page.get_by_role("button", name="Find").click()
    assert page.get_by_role("link", name=name, exact=True).count() > 0
    context.close()
    assert said == []


def test_a_board_is_paged_to_its_end(page: Page, address: str) -> None:
    page.goto(f"{address}/boards/INSTAGRAM?limit=20")
    places = page.locator("tbody tr td:first-child").all_inner_texts()
    while page.get_by_role("link", name="Next page").count():
        page.get_by_role("link", name="Next page").click()
        places += page.locator("tbody tr td:first-child").all_inner_texts()
    assert [int(place.replace(",", "")) for place in places] == list(range(1, len(places) + 1))
    assert len(places) > 40


@pytest.mark.parametrize(
    "path", ["/genres", "/trending", "/freshness", "/definitions", "/definitions/creator", "/boards/INSTAGRAM/movers"]
)
def test_each_section_has_its_heading_and_rows(page: Page, address: str, path: str) -> None:
    answer = page.goto(address + path)
    assert answer is not None
    assert answer.status == 200
    assert len(answer.body()) < 100_000
    assert page.get_by_role("heading", level=1).count() == 1
    assert page.locator("tbody tr").count() > 0
    marked = page.locator("nav a[aria-current=page]")
    assert str(marked.get_attribute("href")) == path.removesuffix("/creator")


def test_with_script_the_console_is_empty_and_nothing_is_wider_than_a_phone(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 700})
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(address)
    creator = str(page.locator("tbody tr a").first.get_attribute("href"))
    creators = (creator, f"{creator}/why", "/creators?q=a")
    for path in ("/boards/ALL", *creators, "/genres", "/freshness", "/definitions/creator", "/trending"):
        page.goto(address + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        assert page.evaluate(CUT_OFF) == [], path
    context.close()
    assert said == []


# The dark scheme has the same pages in other colours.
@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.long)])
def test_the_pages_can_be_used_by_everybody(
    browser: Browser, address: str, share: str, scheme: Literal["light", "dark"]
) -> None:
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    page.goto(address)
    creator = str(page.locator("tbody tr a").first.get_attribute("href"))
    faults = {}
    for path in (
        "/boards/INSTAGRAM",
        creator,
        f"{creator}/why",
        "/creators?q=a&compare=IA:1",
        "/genres",
        "/trending",
        "/freshness",
        "/definitions",
        "/definitions/collection",
        f"/lists/{share}",
        "/nothing",
    ):
        page.goto(address + path)
        result = Axe().run(page)
        if result.violations_count:
            faults[path] = result.generate_report()
    context.close()
    assert faults == {}


@pytest.fixture
def creator(address: str, page: Page) -> str:
    """The path of the page of the first creator of a board."""
    page.goto(address)
    return str(page.locator("tbody tr a").first.get_attribute("href"))


SHIFTS = """() => new Promise(done => {
    let moved = 0
    new PerformanceObserver(list => { for (const one of list.getEntries()) moved += one.value })
        .observe({type: "layout-shift", buffered: true})
    setTimeout(() => done(moved), 300)
})"""


# A narrow page has less room for what comes late.
@pytest.mark.parametrize("width", [360, pytest.param(1200, marks=pytest.mark.long)])
def test_nothing_moves_while_a_page_loads(browser: Browser, address: str, creator: str, share: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    moved = {}
    paths = ("/boards/INSTAGRAM", creator, f"/lists/{share}", "/genres", "/trending", "/freshness", "/definitions")
    for path in (*paths, "/nothing"):
        page.goto(address + path)
        moved[path] = page.evaluate(SHIFTS)
    context.close()
    assert set(moved.values()) == {0}, moved


def test_at_200_per_cent_a_page_needs_no_scrolling_to_the_side(
    browser: Browser, address: str, creator: str, share: str
) -> None:
    # Zooming to 200 % halves the pixels of the style sheet; 1280 is what WCAG 1.4.4 starts from.
    context = browser.new_context(viewport={"width": 640, "height": 512}, device_scale_factor=2)
    page = context.new_page()
    for path in (
        "/boards/ALL",
        creator,
        f"{creator}/why",
        "/creators?q=a",
        f"/lists/{share}",
        "/genres",
        "/definitions/creator",
        "/operate/login",
    ):
        page.goto(address + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 640, path
    context.close()


def test_forced_colours_keep_lines_and_the_focus_visible(browser: Browser, address: str, creator: str) -> None:
    context = browser.new_context(forced_colors="active")
    page = context.new_page()
    page.goto(address + creator)
    drawn = page.evaluate("getComputedStyle(document.querySelector('.chart .line')).stroke")
    behind = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert drawn not in ("none", behind)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    context.close()
    assert outline != "none"


def tab_to(page: Page, wanted: str) -> None:
    """Press Tab until the focus is there; a page has fewer than 60 places for it before its first row."""
    for _ in range(60):
        if page.locator(wanted).count():
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {wanted}")


def test_a_board_can_be_used_by_keyboard_alone(page: Page, address: str) -> None:
    page.goto(address)
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Skip to the content"
    page.keyboard.press("Enter")
    tab_to(page, "select[name=country]:focus")
    page.keyboard.type("IN")
    tab_to(page, "button[type=submit]:focus")
    page.keyboard.press("Enter")
    page.wait_for_url("**country=IN**")
    first = page.locator("tbody tr a").first
    name = first.inner_text()
    tab_to(page, "tbody a:focus")
    page.keyboard.press("Enter")
    page.wait_for_url("**/creators/**")
    assert page.get_by_role("heading", level=1).inner_text() == name


def test_a_page_that_is_not_there_says_so_in_words(page: Page, address: str) -> None:
    answer = page.goto(f"{address}/creators/INSTAGRAM/nobody")
    assert answer is not None
    assert answer.status == 404
    assert "No INSTAGRAM account with id 'nobody' is published" in page.inner_text("main")
