"""`collection_hashtags` and `collection_keywords`: what the posts of a collection talk about, most used first."""

from __future__ import annotations

from stir.publish.spec import Column, Guards, PublishSpec

MOST_TERMS = 100
"""Terms kept per collection, by posts and then by name, so that no tie is left to chance."""


def _terms(plural: str, singular: str, what: str) -> PublishSpec:
    """The spec of one kind of term; the posts' `plural` column holds each term once per post."""
    return PublishSpec(
        name=f"collection_{plural}",
        mart="mart_collection_post",
        staging_mart="mart_staging_collection_post",
        query=f"""
select
    collection_id,
    collection_type,
    max(share_id) as share_id,
    arrayJoin({plural}) as {singular},
    toInt64(count()) as posts,
    toInt64(countIf(collection_type = 'POST' and campaign_profile_id is null)) as ugc_posts
from {{mart}}
group by collection_id, collection_type, {singular}
order by collection_id, collection_type, posts desc, {singular}
limit {MOST_TERMS} by collection_id, collection_type
""".strip(),
        table=f"collection_{singular}",
        comment=f"The {MOST_TERMS} {plural} that most posts of a collection have, ties by name.",
        columns=(
            Column("collection_id", "String", "List (its id)."),
            Column(
                "collection_type", "String", "POST (posts chosen one by one) or PROFILE (posts of chosen profiles)."
            ),
            Column("share_id", "Nullable(String)", "Id in the list's shared link."),
            Column(singular, "String", what),
            Column("posts", "Int64", "Posts of the list that have it."),
            Column(
                "ugc_posts", "Int64", "Those of them that users made: listed, but by nobody who was engaged for it."
            ),
        ),
        key=("collection_id", "collection_type", singular),
        # A collection may be without any term, and one list deleted may take most of them along.
        guards=Guards(minimum_rows=0, shrink=0.7),
    )


COLLECTION_HASHTAGS = _terms("hashtags", "hashtag", "Hashtag in any script, lower case, without its sign.")
COLLECTION_KEYWORDS = _terms("keywords", "keyword", "Word in any script, lower case; no stop word of any language.")
