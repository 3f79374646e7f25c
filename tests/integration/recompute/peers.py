"""Peer groups and grades by their definitions (docs/metrics.md), in Polars."""

from __future__ import annotations

from bisect import bisect_right
from statistics import fmean
from typing import Any

import polars as pl

from .comparison import Row

BUCKETS = (
    [5_000, 10_000, 50_000, 100_000, 500_000, 1_000_000],
    ["<5k", "<10k", "<50k", "<100k", "<500k", "<1M", "1M+"],
)
TIERS = ([1_000, 75_000, 1_000_000], ["Nano", "Micro", "Macro", "Mega"])
PERCENTILES = {"p40": 0.4, "p60": 0.6, "p75": 0.75, "p90": 0.9}
GRADES = {"p90": "Excellent", "p75": "Very Good", "p60": "Good", "p40": "Average"}
BINS = 7
ENGAGEMENT = ("engagement_ratio", "engagement_by_views_ratio")
"""Per follower on Instagram, per view on YouTube: the metric of the histogram."""


def quantile(ascending: list[float], share: float) -> float:
    """The value at position 1 + (n - 1) * share, between two neighbours in proportion."""
    place = (len(ascending) - 1) * share
    low = int(place)
    high = min(low + 1, len(ascending) - 1)
    return ascending[low] + (place - low) * (ascending[high] - ascending[low])


def bucket(followers: int) -> str:
    return BUCKETS[1][bisect_right(BUCKETS[0], followers)]


def sizes(followers: int | None) -> Row:
    """Follower bucket and tier of an account."""
    if followers is None:
        return {"follower_group": None, "creator_tier": None}
    return {"follower_group": bucket(followers), "creator_tier": TIERS[1][bisect_right(TIERS[0], followers)]}


def keys(platform: str, account: Row) -> tuple[str | None, str | None]:
    """Names of the groups with and without category; None where something is unknown."""
    if account["country"] is None or account["followers"] is None:
        return None, None
    place = f"{platform}_{account['country']}"
    size = bucket(account["followers"])
    return (f"{place}_{account['category']}_{size}" if account["category"] else None), f"{place}_{size}"


def groups(platform: str, accounts: list[Row], metrics: list[str], least: int) -> list[Row]:
    """The groups of at least that many accounts, with thresholds, means and the histogram of engagement."""
    members: dict[tuple[str, str], list[Row]] = {}
    for account in accounts:
        for kind, key in zip(("PRIMARY", "SECONDARY"), keys(platform, account), strict=True):
            if key is not None:
                members.setdefault((kind, key), []).append(account)
    return [
        _group(platform, kind, key, inside, metrics) for (kind, key), inside in members.items() if len(inside) >= least
    ]


def _group(platform: str, kind: str, key: str, members: list[Row], metrics: list[str]) -> Row:
    frame = pl.DataFrame([{name: member[name] for name in metrics} for member in members], infer_schema_length=None)
    found: dict[str, Any] = {
        "group_key": key,
        "platform": platform,
        "group_kind": kind,
        "country": members[0]["country"],
        "category": members[0]["category"] if kind == "PRIMARY" else None,
        "follower_group": bucket(members[0]["followers"]),
        "profiles": len(members),
        "mean": {},
        "measured_profiles": {},
        **{name: {} for name in PERCENTILES},
    }
    for metric in metrics:
        known = frame.select(pl.col(metric).drop_nulls().cast(pl.Float64)).to_series().sort().to_list()
        found["measured_profiles"][metric] = len(known)
        if known:
            found["mean"][metric] = fmean(known)
            found |= {name: found[name] | {metric: quantile(known, share)} for name, share in PERCENTILES.items()}
        if metric in ENGAGEMENT:
            found |= _histogram(known) | {"engagement_bin_metric": metric}
    return found


def _histogram(ratios: list[float]) -> Row:
    if not ratios:
        return {f"engagement_bin_{name}": [] for name in ("start", "end", "height")}
    p95 = quantile(ratios, 0.95)
    places = [BINS if value >= p95 else min(int(value * BINS / p95), BINS - 1) for value in ratios]
    return {
        "engagement_bin_start": [p95 * place / BINS for place in range(BINS + 1)],
        "engagement_bin_end": [*(p95 * (place + 1) / BINS for place in range(BINS)), ratios[-1]],
        "engagement_bin_height": [places.count(place) for place in range(BINS + 1)],
    }


def graded(platform: str, accounts: list[Row], peers: dict[str, Row], metrics: list[str], key: str) -> list[Row]:
    """Each account's group, and by metric its grade and the group's mean."""
    found = []
    for account in accounts:
        chosen = next((name for name in keys(platform, account) if name in peers), None)
        row: Row = {key: account[key], "group_key": chosen}
        for metric in metrics:
            row[f"{metric}_grade"] = grade(account[metric], peers[chosen], metric) if chosen else None
            row[f"{metric}_group_avg"] = peers[chosen]["mean"].get(metric) if chosen else None
        found.append(row)
    return found


def grade(value: float | None, group: Row, metric: str) -> str | None:
    if value is None or metric not in group["p90"]:
        return None
    return next((word for name, word in GRADES.items() if value > group[name][metric]), "Poor")
