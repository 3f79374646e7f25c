"""Fake followers by their definitions (docs/metrics.md), in plain Python."""

from __future__ import annotations

from collections import Counter, defaultdict
from statistics import fmean

from .audiences import Audiences
from .comparison import Row
from .demography import handle_of, pct


class Fakes:
    """Verdicts on the followers of creators, by what an outside model found in their names and handles."""

    def __init__(self, audiences: Audiences) -> None:
        self.audiences = audiences
        features = audiences.subject.rows("select * from ds.creator_followers_fake_analysis where rules_version = 0")
        collected: dict[tuple[str | None, str | None], set[str]] = defaultdict(set)
        for (target, _, _), edge in audiences.edges.items():
            collected[edge["under"], handle_of(edge["person"].get("handle"))].add(target)
        matches: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for row in features:
            creator, follower = handle_of(row["handle"]) or "", handle_of(row["follower_handle"]) or ""
            for target in collected[creator, follower]:
                matches[creator][target].add(follower)
            if owner := audiences.owners.get(creator):
                matches[creator].setdefault(owner, set())
        followers: dict[str, dict[str, Row]] = defaultdict(dict)
        for row in sorted(features, key=lambda r: (r["similarity_score"], r["indian_name_score"], r["cleaned_name"])):
            targets = matches[handle_of(row["handle"]) or ""]
            if targets:
                profile = max(targets, key=lambda target: (len(targets[target]), target))
                followers[profile][handle_of(row["follower_handle"]) or ""] = row
        self.verdicts = {profile: verdicts(sample) for profile, sample in followers.items()}
        self.tells = {profile: odd_script(list(sample.values())) for profile, sample in followers.items()}
        judged = {
            profile: {who: row for who, row in followers[profile].items() if found[who] != "unknown"}
            for profile, found in self.verdicts.items()
        }
        self.followers = {profile: sample for profile, sample in judged.items() if sample}

    def scores(self) -> list[Row]:
        return [self.score(profile) for profile in self.followers]

    def score(self, profile: str) -> Row:
        sample = list(self.followers[profile].values())
        verdict = Counter(self.verdicts[profile].values())
        names = Counter(row["cleaned_name"].strip() for row in sample)
        account = self.audiences.accounts.get(profile, {"handle": None, "country": None})
        found: Row = {
            "profile_id": profile,
            "handle": handle_of(account["handle"]),
            "country": self.audiences.code(account["country"] or ""),
            "sampled_followers": len(sample),
            **{f"{word}_followers": verdict[word] for word in ("fake", "doubtful", "real")},
            "scored_followers": 0,
            "final_v2_pct": None,
            "mean_fake_probability": None,
            "rules_version": 0,
            "model_version": 0,
            "fake_followers_pct": 100 * (verdict["fake"] + verdict["doubtful"] / 3) / len(sample),
            "odd_script_pct": pct(self.tells[profile] and row["fake_real_based_on_lang"] == 1 for row in sample),
            "digits_pct": pct(row["number_more_than_4_handle"] == 1 for row in sample),
            "separator_rule_pct": pct(row["chhitij_logic"] == 1 for row in sample),
            "weak_name_pct": pct(0 < row["similarity_score"] <= 40 for row in sample),
            "unlikely_names_pct": 100 - fmean(row["indian_name_score"] for row in sample),
        }
        for times in (3, 5, 10):
            found[f"names_over_{times}_times_pct"] = pct(names[row["cleaned_name"].strip()] > times for row in sample)
        parts = [found["names_over_5_times_pct"], found["fake_followers_pct"]]
        if found["country"] == "IN":
            parts += [found["unlikely_names_pct"]] * 3
        found["fake_follower_score"] = fmean(parts) if len(sample) >= 100 else None
        return found


def odd_script(sample: list[Row]) -> bool:
    """Whether foreign letters say anything: fewer than a fifth have them."""
    return sum(1 for row in sample if row["fake_real_based_on_lang"] == 1) < len(sample) / 5


def verdicts(sample: dict[str, Row]) -> dict[str, str]:
    tells = odd_script(list(sample.values()))

    def verdict(row: Row) -> str:
        if (tells and row["fake_real_based_on_lang"]) or row["number_more_than_4_handle"] or row["chhitij_logic"] == 1:
            return "fake"
        if not 0 <= row["similarity_score"] <= 100:
            return "unknown"
        return "doubtful" if 0 < row["similarity_score"] <= 40 else "real"

    return {handle: verdict(row) for handle, row in sample.items()}
