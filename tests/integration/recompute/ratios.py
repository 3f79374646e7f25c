"""Which posts a ratio is made of, by definition (docs/metrics.md), in Polars."""

from __future__ import annotations

import polars as pl


def watched() -> pl.Expr:
    """How often a post was watched: its plays, or its views where its plays are unknown."""
    return pl.coalesce("plays", "views")


def rated(posts: pl.DataFrame) -> pl.DataFrame:
    """Posts with their last counters: what of each counts in a ratio by followers and in one by plays or views."""
    shown = watched()
    both = pl.col("likes") + pl.col("comments")
    is_shown = (shown > 0).fill_null(False)
    engagement = pl.when(~is_shown | (both <= shown)).then(both)
    is_watched = is_shown & engagement.is_not_null()
    return posts.with_columns(
        rated_posts=pl.when(engagement.is_not_null()).then(pl.lit(1, pl.Int64)),
        rated_engagement=engagement,
        watched_engagement=pl.when(is_watched).then(engagement),
        watched_views=pl.when(is_watched).then(shown),
    )


RATED = ("rated_posts", "rated_engagement", "watched_engagement", "watched_views")
