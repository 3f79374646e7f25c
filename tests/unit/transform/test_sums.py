"""A thousand counters near the greatest that is taken do not wrap round in any sum or average."""

from __future__ import annotations

import re
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]
AGGREGATE = re.compile(
    r"(?<![\w.])(sum|sumIf|avg|avgIf|sumOrNull|sumMap|sumMapIf|sumForEach)\(((?:[^()]|\([^()]*\))*)\)"
)
SAFE = {
    "sum(toInt128(": "added up in 128 bits",
    "avg(toFloat64(": "a float does not wrap round",
    "avgIf(toFloat64(": "a float does not wrap round",
    "sumIf(toFloat64(": "a float does not wrap round",
}
REASONS = {
    "a count of rows": (
        *("videos", "posts", "parts.post_count", "number", "rows_in_granule", "received", "counted", "fact.3"),
    ),
    "a float": (
        *("{{ measure }}", "series.reach", "series.impressions", "series.clicks", "posts.reach", "posts.impressions"),
        "posts.{{ measure }}",
        *("name_score", "probability", "final_v2", "{{ rate_by_views('likes + comments', 'views') }}, is_recent"),
    ),
    "a decimal of 38 places": ("{{ total }}", "cells.{{ total }}", "age_groups", "cells.age_groups"),
    "clicks of a day, each at most 10^12": ("link_clicks",),
    "of 12 posts at most": (
        "scoped.{{ average.column }}, in_{{ average.scope }}",
        "scoped.{{ average.column }}, kept_in_{{ average.scope }}",
    ),
    "yes or no": ("has_foreign_script", "is_odd_script", "has_digits", "breaks_separator_rule", "has_weak_name"),
}
"""Arguments of sums and averages that cannot wrap round, by the reason."""


def _aggregates() -> list[tuple[str, str, str]]:
    found = []
    for folder in ("models", "macros"):
        for path in sorted((PROJECT / folder).rglob("*.sql")):
            text = re.sub(r"\{#.*?#\}|\{%.*?%\}", "", path.read_text(), flags=re.DOTALL)
            found += [(path.name, match[1], " ".join(match[2].split())) for match in AGGREGATE.finditer(text)]
    return found


def test_every_sum_of_counters_is_added_up_in_more_than_64_bits() -> None:
    known = {argument for arguments in REASONS.values() for argument in arguments}
    compares = re.compile(r"[^()]* (<|>|>=|<=) [^()]*|\{\{.*\}\} >= \{\{.*\}\}")
    aggregates = _aggregates()

    assert ("sum_counts.sql", "sum", "toInt128({{ counts }})") in aggregates
    unsafe = [
        f"{name}: {function}({argument})"
        for name, function, argument in aggregates
        if argument not in known
        and not compares.fullmatch(argument)
        and not any(f"{function}({argument}".startswith(start) for start in SAFE)
    ]
    assert unsafe == []
    assert known <= {argument for _, _, argument in aggregates}
