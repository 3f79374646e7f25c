"""What the job reads from the warehouse and writes to it: followers without a score, creators' whole samples, scores.

Everything here speaks to ClickHouse as the scorer, who may not read the world's truth.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np

from stir import connections
from stir.authenticity import shares
from stir.authenticity.samples import Sample
from stir.authenticity.scoring import Followers, Scorer
from stir.ingest import writer
from stir.settings import Settings

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

SCORES = "ds.creator_followers_fake_analysis"
SHARES = "ds.creator_fake_share"
CHUNK = 50_000
"""Most followers that are scored and inserted at once."""

_EDGES = """
    select
        edge.target_profile_id as creator_id,
        edge.source_profile_id as follower_id,
        assumeNotNull(edge.source_handle) as follower_handle,
        coalesce(edge.source_full_name, '') as follower_name,
        coalesce(edge.target_handle, '') as handle
    from stg_beat_profile_relationship_log as edge final
    where edge.platform = 'INSTAGRAM' and edge.relationship_type = 'follower' and edge.source_handle is not null
"""
"""Every collected follower once, as last seen."""

_SCORED = """
    select creator_id, follower_id, max(score.scored_at) as scored_at
    from ds.creator_followers_fake_analysis as score
    where score.rules_version = {rules:UInt16} and score.model_version = {model:UInt16}
        and (empty({only:Array(String)}) or score.creator_id in {only:Array(String)})
    group by creator_id, follower_id
"""

_PLAN = f"""
    select
        edge.creator_id as creator_id,
        count() as sample,
        countIf(scored.follower_id = '') as unscored,
        max(scored.scored_at) > any(share.scored_at) as is_share_old
    from ({_EDGES} and (empty({{only:Array(String)}}) or edge.target_profile_id in {{only:Array(String)}})) as edge
    left join ({_SCORED}) as scored on edge.creator_id = scored.creator_id and edge.follower_id = scored.follower_id
    left join (
        select creator_id, max(estimate.scored_at) as scored_at
        from ds.creator_fake_share as estimate
        where estimate.rules_version = {{rules:UInt16}} and estimate.model_version = {{model:UInt16}}
        group by creator_id
    ) as share on edge.creator_id = share.creator_id
    group by creator_id
    having unscored > 0 or is_share_old
    order by creator_id
    settings join_use_nulls = 0
"""

_UNSCORED = f"""
    select edge.creator_id, edge.follower_id, edge.follower_handle, edge.follower_name, edge.handle
    from ({_EDGES} and edge.target_profile_id in {{only:Array(String)}}) as edge
    left anti join ({_SCORED}) as scored
        on edge.creator_id = scored.creator_id and edge.follower_id = scored.follower_id
    order by edge.creator_id, edge.follower_id
    limit {{limit:UInt32}}
"""

_COUNTRIES = """
    select account.profile_id, upper(if(known.code = '', assumeNotNull(account.country), known.code)) as country
    from (
        select profile_id, country
        from stg_beat_instagram_account final
        where profile_id in {creators:Array(String)} and country is not null
    ) as account
    left join country_name as known on lower(account.country) = known.name
    where length(country) = 2
    settings join_use_nulls = 0
"""


@dataclass(frozen=True)
class Versions:
    """What a score was made with: rules and features, and the fitted model."""

    rules: int
    model: int


@dataclass(frozen=True)
class Unfinished:
    """A creator with followers to score, or whose share is older than the scores."""

    creator_id: str
    sample: int
    unscored: int


class Warehouse:
    """The scorer's view of the warehouse."""

    def __init__(self, settings: Settings, versions: Versions) -> None:
        # Not as a parameter: the driver escapes a quote in an Identifier as in a text, which the server does not undo.
        self._client: Client = connections.clickhouse(settings, role="scorer", database=settings.clickhouse_database)
        self.versions = versions

    def unfinished(self, only: Sequence[str] = ()) -> list[Unfinished]:
        """Creators that need a run, by id; of `only` those that are among them, if there are any in it."""
        rows = self._rows(_PLAN, only=list(only))
        return [Unfinished(str(creator), int(sample), int(unscored)) for creator, sample, unscored, _ in rows]

    def unscored(self, creators: Sequence[str]) -> tuple[Followers, list[str]]:
        """The next chunk of followers of these creators without a score, in order, and the creators' handles."""
        rows = self._rows(_UNSCORED, only=list(creators), limit=CHUNK)
        ids, followers, handles, names, of = (list(column) for column in zip(*rows, strict=True)) if rows else ([],) * 5
        return Followers(ids, followers, handles, names), of

    def samples(self, creators: Sequence[str]) -> dict[str, Sample]:
        """Everything that was collected of these creators' followers, scored or not."""
        countries = {str(key): str(code) for key, code in self._rows(_COUNTRIES, creators=list(creators))}
        found = {creator: Sample(countries.get(creator)) for creator in creators}
        sql = f"select creator_id, groupArray(follower_name), groupArray(follower_handle) from ({_EDGES}"
        sql += " and edge.target_profile_id in {creators:Array(String)}) group by creator_id"
        for creator, names, handles in self._rows(sql, creators=list(creators)):
            found[creator].add(names, handles)
        return found

    def write(self, run_id: str, followers: Followers, of: Sequence[str], scorer: Scorer) -> None:
        """Score a chunk and insert it. A repetition within the run adds nothing; one by another run replaces it."""
        scores = scorer.score(followers, self.samples(sorted(set(followers.creator_ids))))
        size = len(followers)
        columns: Mapping[str, Sequence[Any]] = {
            "handle": of,
            "follower_handle": followers.handles,
            "follower_full_name": followers.names,
            **scores.columns(),
            "creator_id": followers.creator_ids,
            "follower_id": followers.follower_ids,
            "run_id": [run_id] * size,
            "scored_at": [datetime.now(UTC)] * size,
        }
        edges = "\n".join(f"{a}\t{b}" for a, b in zip(followers.creator_ids, followers.follower_ids, strict=True))
        token = f"score:{run_id}:{sha256(edges.encode()).hexdigest()}"
        writer.insert_columns(self._client, SCORES, columns, token)

    def write_shares(self, run_id: str, creators: Sequence[str], scorer: Scorer) -> None:
        """Estimate the share of each creator from all of its scores, and insert the estimates."""
        rows = list(self._shares(run_id, creators, scorer))
        token = f"share:{run_id}:{sha256(repr(sorted(creators)).encode()).hexdigest()}"
        writer.insert(self._client, SHARES, rows, token)

    def _shares(self, run_id: str, creators: Sequence[str], scorer: Scorer) -> Iterator[dict[str, Any]]:
        sql = f"""
            select creator_id, groupArray(coalesce(probability, nan))
            from {SCORES} final
            where rules_version = {{rules:UInt16}} and model_version = {{model:UInt16}}
                and creator_id in {{creators:Array(String)}}
            group by creator_id
        """
        for creator, probabilities in self._rows(sql, creators=list(creators)):
            share = None
            if scorer.model is not None:
                known = np.asarray(probabilities, dtype=np.float64)
                share = shares.share_of(known, scorer.model)
            yield {
                "creator_id": creator,
                "fake_share": share.share if share else None,
                "fake_share_low": share.low if share else None,
                "fake_share_high": share.high if share else None,
                "sample_size": share.sample_size if share else 0,
                "method": shares.METHOD if share else "",
                "rules_version": self.versions.rules,
                "model_version": self.versions.model,
                "run_id": run_id,
                "scored_at": datetime.now(UTC),
            }

    def _rows(self, sql: str, **values: Any) -> Sequence[Sequence[Any]]:
        parameters = {
            "rules": self.versions.rules,
            "model": self.versions.model,
            **values,
        }
        rows: Sequence[Sequence[Any]] = self._client.query(sql, parameters=parameters).result_rows
        return rows
