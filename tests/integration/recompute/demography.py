"""What sources say of audiences, made comparable: names, shares and grades by their definitions (docs/metrics.md)."""

from __future__ import annotations

import csv
import json
import math
from collections import defaultdict
from collections.abc import Callable, Iterable

from stir.settings import PROJECT_DIR

from .accounts import ratio
from .comparison import Row

AGES = ("13-17", "18-24", "25-34", "35-44", "45-54", "55-64", "65+")
Weights = dict[str, float]
GRADES = ((90, "Excellent"), (75, "Very Good"), (60, "Good"), (40, "Average"), (-math.inf, "Poor"))


def countries() -> dict[str, str]:
    """Names and codes of countries, lower case, to codes."""
    with (PROJECT_DIR / "seeds" / "country_name.csv").open(encoding="utf-8") as seed:
        rows = list(csv.DictReader(seed))
    return {r["name"]: r["code"] for r in rows} | {r["code"].lower(): r["code"] for r in rows}


def document(text: str | None) -> Row:
    try:
        found = json.loads(text or "")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def weights(member: object) -> Weights:
    """The positive numbers of an object, whether they are numbers or quoted."""
    found: Weights = {}
    for name, value in member.items() if isinstance(member, dict) else ():
        try:
            number = float(value)
        except (TypeError, ValueError):
            continue
        if 0 < number < math.inf and name.strip():
            found[name.strip()] = number
    return found


def pooled(given: Weights, rename: Callable[[str], str | None]) -> Weights:
    found: Weights = defaultdict(float)
    for name, weight in given.items():
        if new := rename(name):
            found[new] += weight
    return dict(found)


def shares(given: Weights) -> Weights:
    total = math.fsum(given.values())
    return {name: weight / total for name, weight in given.items()}


def city(name: str) -> str:
    return name.split(",")[0].strip().lower()


def age_groups(text: str | None) -> Weights:
    found: Weights = {}
    for gender, letter in {"male": "M", "female": "F", "uncategorized": "U"}.items():
        for name, weight in weights(document(text).get(gender)).items():
            age = name.lower().removeprefix("age").replace("65-", "65+")
            if age in AGES:
                found[f"{letter}_{age}"] = weight
    return found


def demography(ages: Weights, cities: Weights, lands: Weights) -> Row:
    known = {name: weight for name, weight in ages.items() if name[0] in "MF"}
    total = math.fsum(known.values())
    by_gender = {g: math.fsum(w for name, w in known.items() if name[0] == g) for g in "MF"}
    return {
        "male_ratio": ratio(by_gender["M"], total),
        "female_ratio": ratio(by_gender["F"], total),
        "unknown_gender_ratio": ratio(math.fsum(ages.values()) - total, math.fsum(ages.values())),
        "gender_sample_size": round(total),
        "age_group_sample_size": round(total),
        "city_sample_size": round(math.fsum(cities.values())),
        "country_sample_size": round(math.fsum(lands.values())),
        "age_group_ratios": shares(known),
        "city_ratios": shares(cities),
        "country_ratios": shares(lands),
    }


def grade(pct: float | None) -> str | None:
    return None if pct is None else next(word for bound, word in GRADES if pct >= bound)


def pct(hits: Iterable[bool]) -> float | None:
    known = list(hits)
    return 100 * sum(known) / len(known) if known else None


def band(years: float | None) -> str | None:
    if years is None or not 13 <= years <= 120:
        return None
    return AGES[sum(years >= bound for bound in (18, 25, 35, 45, 55, 65))]


def gender_and_age(name: str) -> str | None:
    age, _, gender = name.partition(" ")
    letter = gender[:1].upper()
    return f"{letter}_{age}" if age in AGES and letter in ("M", "F") else None


def handle_of(text: str | None) -> str | None:
    return (text or "").strip().lower().lstrip("@") or None
