"""Words of feeds in the house's terms, by the seeds: categories, languages, countries."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from stir.settings import PROJECT_DIR

from .attributes import clean
from .comparison import Row
from .demography import countries


def seed(name: str) -> Iterator[Row]:
    """The rows of a seed; an empty value is none."""
    with (PROJECT_DIR / "seeds" / f"{name}.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            yield {column: value or None for column, value in row.items()}


class Words:
    """Words to categories, codes of languages and codes of countries; None for one that means nothing."""

    def __init__(self) -> None:
        self._categories = {
            (row["vocabulary"], row["source_value"]): row["category"] for row in seed("category_mapping")
        }
        rows = list(seed("language_name"))
        self._codes = {row["code"] for row in rows}
        self._names = {row["name"]: row["code"] for row in rows}
        self._countries = countries()

    def category(self, word: str | None, vocabulary: str) -> str | None:
        return self._categories.get((vocabulary, (word or "").strip().lower()))

    def language(self, word: str | None) -> str | None:
        text = (word or "").strip().lower()
        code = text.split("-")[0]
        return code if code in self._codes else self._names.get(text)

    def country(self, word: str | None) -> str | None:
        return self._countries.get((word or "").strip().lower())


def vendors(text: str | None) -> str | None:
    """A text of the vendor's files, where a missing one is often the word NULL."""
    found = clean(text)
    return None if found == "NULL" else found


def first(*candidates: tuple[str, str | None]) -> tuple[str | None, str | None]:
    """The first known of several values, best first, and the name of where it came from."""
    return next(((value, source) for source, value in candidates if value is not None), (None, None))


def last_by(rows: list[Row], *columns: str) -> Row:
    """The row with the greatest values of the columns, one after the other; unknown comes first."""
    return max(
        rows, key=lambda row: [(row[name] is not None, row[name] if row[name] is not None else 0) for name in columns]
    )
