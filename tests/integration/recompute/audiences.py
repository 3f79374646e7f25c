"""Audiences by their definitions (docs/metrics.md), in plain Python."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta

from .accounts import newest, ratio, seen_count
from .comparison import Row, Subject
from .demography import (
    AGES,
    Weights,
    age_groups,
    band,
    city,
    countries,
    demography,
    document,
    gender_and_age,
    grade,
    handle_of,
    pct,
    pooled,
    shares,
    weights,
)
from .leaderboard import definition_changes

LEAST_SAMPLE = 200
LEAST_CITIES = 5
GENDER = ("male_ratio", "female_ratio")
FIELDS = {"gender": GENDER, **{f: (f"{f}_ratios",) for f in ("age_group", "city", "country")}}
QUALITY = (
    *("quality_grade", "reachability_grade", "authenticity_grade", "quality_score", "reachability_pct"),
    *("authenticity_pct", "low_followers_pct", "high_following_pct", "notable_followers"),
)

SHARE = [
    *(f"fake_share{end}" for end in ("", "_low", "_high")),
    *(f"fake_share_{what}" for what in ("sample_size", "method", "version")),
]


class Audiences:
    """The sources of audiences, as of one moment."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.countries = countries()
        self.accounts = newest(subject.rows("select * from beat_replica.instagram_account"), "profile_id", r"\d{1,20}")
        self.owners: dict[str, str] = {}
        for profile, row in sorted(self.accounts.items(), key=lambda item: (item[1]["version"][0], item[0])):
            if handle := handle_of(row["handle"]):
                self.owners[handle] = profile
        self.edges: dict[tuple[str, str, str], Row] = {}
        limit = subject.as_of + timedelta(minutes=10)
        feed = subject.rows("select * from beat_replica.profile_relationship_log")
        for row in sorted(feed, key=lambda r: (r["timestamp"], r["id"])):
            if row["timestamp"] <= limit:
                key = row["target_profile_id"], row["source_profile_id"], row["relationship_type"]
                self.edges[key] = row | {
                    "person": document(row["source_dimensions"]),
                    "counts": document(row["source_metrics"]),
                    "under": handle_of(document(row["target_dimensions"]).get("handle")),
                }

    def code(self, name: str) -> str | None:
        return self.countries.get(name.strip().lower())

    def private(self) -> list[Row]:
        found = []
        for platform, table, key, shape, names in (
            (
                "INSTAGRAM",
                "instagram",
                "profile_id",
                r"\d{1,20}",
                ("audience_gender_age", "audience_city", "audience_country"),
            ),
            ("YOUTUBE", "youtube", "channel_id", r"UC[\w-]{22}", ("gender_age", "city", "country")),
        ):
            feed = self.subject.rows(f"select * from beat_replica.{table}_profile_insights")
            for account, row in newest(feed, key, shape).items():
                ages, cities, lands = (row[name] for name in names)
                shown = demography(
                    age_groups(ages),
                    pooled(weights(document(cities)), city),
                    pooled(weights(document(lands)), self.code),
                )
                if platform == "YOUTUBE":
                    shown |= {"gender_sample_size": None, "age_group_sample_size": None}
                if shown["age_group_ratios"] or shown["city_ratios"] or shown["country_ratios"]:
                    found.append(
                        {"platform": platform, "platform_id": account, "updated_at": row["updated_at"], **shown}
                    )
        return found

    def follower(self) -> list[Row]:
        guesses = {str(r["profile_id"]): r for r in self.subject.rows("select * from ds.instagram_prediction")}
        samples: dict[str, list[Row]] = defaultdict(list)
        for (target, source, kind), edge in self.edges.items():
            if kind == "follower":
                samples[target].append(edge | {"guess": guesses.get(source, {})})
        return [self.sample(t, edges) for t, edges in samples.items() if len(edges) >= LEAST_SAMPLE]

    def sample(self, target: str, edges: list[Row]) -> Row:
        followers = [e["counts"].get("followers") for e in edges]
        following = [e["counts"].get("following") for e in edges]
        both = [(a, b) for a, b in zip(followers, following, strict=True) if a is not None and b]
        found: Row = {
            "platform": "INSTAGRAM",
            "platform_id": target,
            "sample_size": len(edges),
            "reachability_pct": pct(n < 1500 for n in following if n is not None),
            "authenticity_pct": pct(a / b >= 0.1 for a, b in both),
            "low_followers_pct": pct(n < 10 for n in followers if n is not None),
            "high_following_pct": pct(n > 5000 for n in following if n is not None),
            "notable_followers": sum(n > 100_000 for n in followers if n is not None),
            "last_seen_at": max(e["timestamp"] for e in edges),
        }
        found["quality_score"] = (
            100 - (found["low_followers_pct"] + found["high_following_pct"]) / 4 - (100 - found["authenticity_pct"]) / 2
        )
        for name in ("reachability", "authenticity"):
            found[f"{name}_grade"] = grade(found[f"{name}_pct"])
        for name in ("low_followers", "high_following"):
            found[f"{name}_grade"] = grade(100 - found[f"{name}_pct"])
        found["quality_grade"] = grade(found["quality_score"])
        genders, ages, cities, lands = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
        for guess in (e["guess"] for e in edges if e["guess"]):
            by_name = {"M": guess["gender_male"] > 0.7, "F": guess["gender_female"] > 0.7}
            gender = guess["gender_from_img_model"] or next((g for g, sure in by_name.items() if sure), None)
            age = band(guess["age"])
            genders.update([gender] if gender else [])
            ages.update([f"{gender}_{age}"] if gender and age else [])
            cities.update([guess["city"].lower()] if guess["city"] else [])
            lands.update([code] if (code := self.code(guess["country"] or "")) else [])
        known = genders.total()
        return found | {
            "gender_sample_size": known,
            "male_ratio": ratio(genders["M"], known),
            "female_ratio": ratio(genders["F"], known),
            **{f"{n}_sample_size": c.total() for n, c in (("age_group", ages), ("city", cities), ("country", lands))},
            **{f"{n}_ratios": shares(dict(c)) for n, c in (("age_group", ages), ("city", cities), ("country", lands))},
        }

    def collected(self) -> list[Row]:
        seen: dict[str, list[Row]] = defaultdict(list)
        for (target, _, kind), edge in self.edges.items():
            if kind == "follower":
                seen[target].append(edge)
        found = []
        for profile, edges in seen.items():
            account = self.accounts.get(profile, {"handle": None, "followers": None, "is_private": None})
            people = [edge["person"] for edge in edges]
            collected = {h for p in people if (h := handle_of(p.get("handle"))) and (p.get("full_name") or "").strip()}
            followers = seen_count(account, "followers")
            row: Row = {"profile_id": profile, "handle": handle_of(account["handle"]), "followers": followers}
            row |= {"seen_followers": len(edges), "collected_followers": len(collected)}
            row["coverage_pct"] = ratio(100 * len(collected), followers)
            found.append(row | {"last_seen_at": max(edge["timestamp"] for edge in edges)})
        return found

    def guessed(self) -> list[Row]:
        latest: dict[str, Row] = {}
        feed = self.subject.rows("select * from events.profile_log_events where source = 'openapi_profile_info_v0.11'")
        for row in sorted(feed, key=lambda r: (r["event_timestamp"], r["insert_timestamp"], r["event_id"])):
            if row["event_timestamp"] <= row["insert_timestamp"] <= self.subject.as_of and document(row["dimensions"]):
                latest[handle_of(row["profile_id"]) or ""] = row
        found = []
        for handle, row in latest.items():
            if handle not in self.owners:
                continue
            answer = document(row["dimensions"])
            ages = pooled(weights(answer.get("audience_gender_age")), gender_and_age)
            cities = pooled(weights(answer.get("audience_city")), city)
            shown = demography(ages, cities if len(cities) >= LEAST_CITIES else {}, {})
            if shown["age_group_ratios"] or shown["city_ratios"]:
                place = {"platform": "INSTAGRAM", "platform_id": self.owners[handle]}
                found.append(place | {"answered_at": row["event_timestamp"], **shown})
        return found

    def vendor(self) -> list[Row]:
        """Percentages by gender and age that the vendor knew of channels; a channel may stand there twice."""
        known: dict[str, Weights] = {}
        for row in self.subject.rows("select * from vendor.social_profiles"):
            ages = {
                f"{gender.upper()}_{age}": value
                for gender in "mf"
                for age in AGES
                if (value := row[f"youtube_demographic_{gender}_{age.replace('-', '_').strip('+')}"])
            }
            if len(ages) > len(known.get(row["youtube_userid"], {})):
                known[row["youtube_userid"]] = ages
        unsized = dict.fromkeys(f"{field}_sample_size" for field in FIELDS)
        return [
            {"platform": "YOUTUBE", "platform_id": channel, **demography(ages, {}, {}), **unsized}
            for channel, ages in known.items()
        ]

    def merged(self) -> list[Row]:
        unsized = dict.fromkeys(f"{field}_sample_size" for field in FIELDS)
        sampled = self.follower()
        ordered = {
            "private": self.private(),
            "follower_sample": sampled,
            "vendor": self.vendor(),
            "language_model": [row | unsized for row in self.guessed()],
        }
        found: dict[tuple[str, str], Row] = {}

        def place(row: Row) -> Row:
            key = row["platform"], row["platform_id"]
            return found.setdefault(key, nothing_known() | {"platform": key[0], "platform_id": key[1]})

        for source, rows in ordered.items():
            for row in rows:
                for field, columns in FIELDS.items():
                    size = row[f"{field}_sample_size"]
                    knows = row[columns[0]] not in (None, {})
                    if knows and (size is None or size >= LEAST_SAMPLE) and not place(row)[f"{field}_source"]:
                        place(row).update({name: row[name] for name in (*columns, f"{field}_sample_size")})
                        place(row)[f"{field}_source"] = source
        for row in sampled:
            quality = {"quality_source": "follower_sample", "quality_sample_size": row["sample_size"]}
            place(row).update({name: row[name] for name in QUALITY} | quality)
        ages = [self.subject.as_of.date() - each for each in definition_changes("YOUTUBE", "views")]
        crosses = any(timedelta(0) < age < timedelta(days=30) for age in ages)
        channels = f"select * from {self.subject.database}.mart_youtube_account where channel_quality_score is not null"
        for row in self.subject.rows(channels):
            place({"platform": "YOUTUBE", "platform_id": row["channel_id"]}).update(
                channel_quality_score=row["channel_quality_score"],
                channel_quality_grade=row["channel_quality_grade"],
                crosses_definition_change=crosses,
            )
        for row in self.shares():
            place(row).update(row)
        return list(found.values())

    def shares(self) -> list[Row]:
        """The scorer's share of each profile; the world has other people's only."""
        rows = self.subject.rows(
            "select * from ds.creator_fake_share where rules_version > 0 and fake_share is not null"
        )
        best: dict[str, Row] = {}
        for row in sorted(rows, key=lambda each: (each["rules_version"], each["model_version"], each["scored_at"])):
            best[row["creator_id"]] = {
                "platform": "INSTAGRAM",
                "platform_id": row["creator_id"],
                **{f"fake_share{end}": row[f"fake_share{end}"] for end in ("", "_low", "_high")},
                "fake_share_sample_size": row["sample_size"],
                "fake_share_method": row["method"],
                "fake_share_version": f"{row['rules_version']}.{row['model_version']}",
            }
        return list(best.values())


def nothing_known() -> Row:
    names = [*GENDER, *QUALITY, "quality_source", "quality_sample_size"]
    names += ["channel_quality_grade", "channel_quality_score", *SHARE]
    names += [f"{field}_{what}" for field in FIELDS for what in ("source", "sample_size")]
    found: Row = dict.fromkeys(names) | {"crosses_definition_change": False}
    return found | {f"{field}_ratios": {} for field in ("age_group", "city", "country")}
