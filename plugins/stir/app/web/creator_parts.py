"""What the page of a creator shows of its parts: audience, grades and movement, in the words of people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from babel import Locale

from stir.app.api.why import EXPLAINED, PARTS
from stir.app.web.bars import gauge, places_chart, share_bar
from stir.app.web.numbers import percent, short, whole

SOURCES = {
    "private": "measured, from the account's own insights",
    "follower_sample": "estimated from a sample of the followers",
    "vendor": "stated by a vendor",
    "language_model": "estimated by a language model",
}
PART_NAMES = {
    "rivals_gone": "Rivals who left",
    "rivals_new": "New rivals",
    "own_movement": "Own numbers",
    "others_movement": "The others moved",
}
SHOWN = 8
"""Cities and countries that the page shows; the API has all."""
_COUNTRIES = Locale("en").territories
_WORDS = {
    "pct": "in per cent",
    "avg": "average",
    "7d": "7 days",
    "30d": "30 days",
    "90d": "90 days",
    "365d": "365 days",
}


def metric_name(metric: str) -> str:
    """A metric in words: reels_avg_plays becomes "Reels average plays"."""
    return " ".join(_WORDS.get(word, word) for word in metric.split("_")).capitalize()


def metric_value(metric: str, value: float | None) -> str:
    """A metric's value: as per cent where it is a share, else in three figures."""
    if value is not None and metric.endswith("_pct"):
        return percent(value / 100)
    if metric.startswith("engagement") and metric.endswith("_ratio"):
        return percent(value)
    return short(value)


def graded(grades: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The metrics that have a grade or peers, and then the others, each as texts with its gauge."""
    rows = []
    for one in grades["metrics"]:
        name, limits = metric_name(one["metric"]), one["thresholds"]
        texts = {key: metric_value(one["metric"], limit) for key, limit in (limits or {}).items()}
        own, average = metric_value(one["metric"], one["value"]), one["group_average"]
        label = f"{name}: {own}" + (f", graded {one['grade']}" if one["grade"] else "")
        rows.append(
            {
                "metric": one["metric"],
                "name": name,
                "value": own,
                "crosses_definition_change": one["crosses_definition_change"],
                "grade": one["grade"],
                "average": metric_value(one["metric"], average),
                "gauge": gauge(one["value"], limits, average, label) if limits else "",
                "thresholds": texts,
                "peers": whole(one["measured_profiles"]),
            }
        )
    return sorted(rows, key=lambda row: (not row["thresholds"], row["grade"] is None))


def _bars(shares: Sequence[tuple[str, float]]) -> list[dict[str, Any]]:
    most = max((ratio for _, ratio in shares), default=0.0)
    return [{"name": name, "ratio": percent(ratio, 1), "bar": share_bar(ratio, most)} for name, ratio in shares]


def _largest(ratios: Mapping[str, float]) -> list[tuple[str, float]]:
    return sorted(ratios.items(), key=lambda pair: (-pair[1], pair[0]))[:SHOWN]


def audience_lists(audience: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The lists of shares that are known, each with where its numbers come from."""
    genders = [("Women", audience["female_ratio"]), ("Men", audience["male_ratio"])]
    ages = sorted(audience["age_group_ratios"].items(), key=lambda pair: (pair[0][2:], pair[0]))
    countries = [(_COUNTRIES.get(key, key), ratio) for key, ratio in _largest(audience["country_ratios"])]
    lists = [
        ("gender", "Women and men", [(name, ratio) for name, ratio in genders if ratio is not None]),
        ("age_group", "Age", [(f"{'Women' if key[0] == 'F' else 'Men'} {key[2:]}", ratio) for key, ratio in ages]),
        ("country", "Countries", countries),
        ("city", "Cities", [(key.title(), ratio) for key, ratio in _largest(audience["city_ratios"])]),
    ]
    return [
        {
            "title": title,
            "column": "female_ratio" if name == "gender" else f"{name}_ratios",
            "bars": _bars(shares),
            "said": sample(audience[f"{name}_source"], audience[f"{name}_sample_size"]),
        }
        for name, title, shares in lists
        if shares
    ]


def sample(source: str | None, size: int | None) -> str:
    """Where numbers come from, and of how many followers."""
    words = SOURCES.get(source or "", "of unknown source")
    return f"{words[:1].upper()}{words[1:]}; " + ("sample size unknown." if size is None else f"{size:,} followers.")


def movement_chart(ranking: Mapping[str, Any]) -> str:
    """The four parts of a movement as bars; nothing where the movement is not explained, or all of them are 0."""
    if ranking["status"] != EXPLAINED or not any(ranking[part] for part in PARTS):
        return ""
    parts = [(PART_NAMES[part], ranking[part]) for part in PARTS]
    return places_chart(parts, f"Places won and lost: {ranking['words']}")
