"""The search by likeness: typing errors, other scripts and accents, equal to a comparison of every name."""

from __future__ import annotations

import random
from typing import Any

import jinja2
import pytest
from fastapi.testclient import TestClient

from stir import connections
from stir.app.api import schemas
from stir.app.folding import grams_of, least_shared
from stir.authenticity.transliterate import marked_letters
from stir.settings import PROJECT_DIR, Settings

CREATORS = "/api/v1/creators"
MACROS = ("latin_letter", "fold_for_search", "list_search_grams")
DRAWN = 600
Row = tuple[str, str, str | None, str | None, int | None]


def ask(site: TestClient, **parameters: Any) -> dict[str, Any]:
    answer = site.get(CREATORS, params={"match": "like", **parameters})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture(scope="module")
def creators(published: Settings) -> list[Row]:
    with connections.postgres(published, role="reader") as connection:
        query = "select platform, platform_id, handle, name, followers from creator"
        return connection.execute(f"{query} order by followers desc nulls last, platform, platform_id").fetchall()


def mistyped(text: str, draw: random.Random) -> str:
    """A text with one letter in its middle left out, doubled, replaced, or changed with the one after it."""
    place = draw.randrange(2, len(text) - 2)
    before, letter, after = text[:place], text[place], text[place + 1 :]
    return draw.choice(
        [before + after, before + letter + letter + after, f"{before}x{after}", before + after[0] + letter + after[1:]]
    )


def test_a_mistyped_handle_is_found_among_the_first(site: TestClient, creators: list[Row]) -> None:
    draw = random.Random(7)  # noqa: S311 - not a secret
    handles = [row[2] for row in creators if row[2] and len(row[2]) >= 8][:40]
    missed = []
    for handle in handles:
        asked = mistyped(handle, draw)
        page = ask(site, q=asked, limit=10)
        schemas.Found.model_validate(page)
        if handle not in {row["handle"] for row in page["data"]}:
            missed.append((handle, asked))
    assert len(handles) == 40
    assert len(missed) <= 1, missed


@pytest.mark.parametrize("question", ["jak tailor", "Kahn", "sharma", "mha", "x", "technologi guru", "🙂"])
def test_it_lists_what_a_comparison_of_every_name_finds(site: TestClient, creators: list[Row], question: str) -> None:
    asked = set(grams_of(question))
    least = least_shared(grams_of(question))
    shared = [(len(asked & set(grams_of(row[2], row[3]))), row) for row in creators]
    expected = sorted((pair for pair in shared if asked and pair[0] >= least), key=lambda pair: -pair[0])
    found: list[tuple[int, str, str]] = []
    cursor: str | None = ""
    while cursor is not None:
        page = ask(site, q=question, limit=100, **({"cursor": cursor} if cursor else {}))
        found += [(round(row["likeness"] * len(asked)), row["platform"], row["platform_id"]) for row in page["data"]]
        cursor = page["page"]["next"]
    assert found == [(number, row[0], row[1]) for number, row in expected]


def test_accents_width_and_case_do_not_matter(site: TestClient, creators: list[Row]) -> None:
    handle = next(row[2] for row in creators if row[2] and row[2].isascii() and len(row[2]) > 6)
    wide = "".join(chr(ord(letter) + 0xFEE0) if letter.isalnum() else letter for letter in handle.upper())
    accents = "".join(f"{letter}\N{COMBINING ACUTE ACCENT}" for letter in handle)
    for text in (handle, f"@{handle}", wide, accents):
        best = ask(site, q=text, limit=1)["data"][0]
        assert best["likeness"] == 1, text


def test_the_page_falls_back_on_likeness_and_says_so(site: TestClient, creators: list[Row]) -> None:
    handle = next(row[2] for row in creators if row[2] and len(row[2]) >= 8)
    asked = f"{handle[:3]}x{handle[3:]}"
    page = site.get("/creators", params={"q": asked}).text
    assert f"No handle and no name begins with “{asked}” here" in page
    assert f"@{handle}" in page
    begins = site.get("/creators", params={"q": handle[:3]}).text
    assert "Similar names" in begins
    assert "match=like" in begins
    assert "Nobody fits" in site.get("/creators", params={"q": "\N{SLIGHTLY SMILING FACE}"}).text


def test_the_warehouse_folds_names_as_the_application_folds_questions(published: Settings) -> None:
    text = "".join((PROJECT_DIR / "macros" / "application" / f"{name}.sql").read_text("utf-8") for name in MACROS)
    render = jinja2.Environment(autoescape=False).from_string(text + "{{ list_search_grams('handle', 'name') }}")  # noqa: S701
    draw = random.Random(4)  # noqa: S311 - not a secret
    signs = [
        *marked_letters(),
        *"abcABCéÉüñßøİ\N{LATIN SMALL LETTER DOTLESS I}Ł_-.@🙂1 \N{FULLWIDTH DIGIT TWO}κλМашаعلي中文",
        *"कमलरत्न्ािी " * 8,
        *map(chr, range(0x300, 0x320)),
    ]
    texts = ["".join(draw.choices(signs, k=draw.randrange(70))) for _ in range(2 * DRAWN)]
    pairs = [*zip(texts[:DRAWN], texts[DRAWN:], strict=True), ("राहुल", "मित्र"), ("", "அனன்யா")]
    query = (
        f"select {render.render()} from (select pair.1 as handle, pair.2 as name"
        " from (select arrayJoin({pairs:Array(Tuple(String, String))}) as pair))"
    )
    with connections.clickhouse(published) as client:
        found = [
            grams
            for start in range(0, len(pairs), 200)
            for (grams,) in client.query(query, parameters={"pairs": pairs[start : start + 200]}).result_rows
        ]
    assert found == [grams_of(*pair) for pair in pairs]
