"""The synthetic world as YouTube and Instagram would show it at the world's end.

It is the present that `stir world work` answers from, asked for through the platforms' own APIs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from stir import connections
from stir.settings import Settings
from stir.world import statements
from stir.world.answers import NOW, creators_of
from stir.world.history import WorldState, require_world
from stir.world.standins import graph
from stir.world.standins.server import Reply
from stir.world.standins.youtube_documents import Channel, Comment, Video

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

Rows = Sequence[Mapping[str, Any]]

_CHANNELS = """
select
    profile.account_id as id, profile.followers as subscribers, profile.is_hidden as is_hidden,
    profile.lifetime_views as views, profile.uploads as videos, stored.title as title,
    stored.description as description, stored.custom_url as custom_url, stored.country as country,
    stored.published_at as published_at, stored.thumbnail as thumbnail
from world.profiles_at(at = {at:Int64}) as profile
inner join (
    select * from beat_replica.youtube_account
    where channel_id in {ids:Array(String)} or lower(custom_url) in {ids:Array(String)}
    order by updated_at desc limit 1 by channel_id
) as stored on stored.channel_id = profile.account_id
where profile.platform = 'YOUTUBE'
"""
_UPLOADS = """
select shortcode as id, any(privacy_status) = 'private' as is_private, max(published_at) as latest
from beat_replica.youtube_post_simple
where channel_id = {channel:String}
group by shortcode
order by latest desc, id
"""
_VIDEOS = """
select
    stored.*, post.plays as shown_views, post.hides_likes as hides_likes, post.closes_comments as closes_comments,
    post.likes as shown_likes, post.comments as shown_comments
from world.posts_at(at = {at:Int64}, first = {first:Int64}, last = {last:Int64}) as post
inner join (
    select * from beat_replica.youtube_post_simple
    where shortcode in {ids:Array(String)}
    order by updated_at desc limit 1 by shortcode
) as stored on stored.shortcode = post.shortcode
where post.platform = 'YOUTUBE'
"""
_PROFILES = """
select
    profile.account_id as account_id, profile.handle as username, profile.followers as followers,
    profile.following_now as following, profile.uploads as media_count, stored.fbid as id,
    stored.full_name as full_name, stored.biography as biography, stored.profile_pic_url as picture,
    stored.is_business_or_creator as is_professional
from world.profiles_at(at = {at:Int64}) as profile
inner join (
    select * from beat_replica.instagram_account where profile_id is not null
    order by updated_at desc limit 1 by profile_id
) as stored on stored.profile_id = profile.account_id
where profile.platform = 'INSTAGRAM' and (lower(profile.handle) = {name:String} or stored.fbid = {name:String})
"""
_MEDIA = """
select
    stored.*, post.hides_likes as hides_likes, post.closes_comments as closes_comments, post.format as format,
    post.plays as shown_plays, post.likes as shown_likes, post.comments as shown_comments, post.reach as shown_reach
from world.posts_at(at = {at:Int64}, first = {first:Int64}, last = {last:Int64}) as post
inner join (
    select * from beat_replica.instagram_post_simple
    where profile_id = {account:String}
    order by updated_at desc limit 1 by shortcode
) as stored on stored.shortcode = post.shortcode
where post.platform = 'INSTAGRAM'
order by stored.publish_time desc, stored.shortcode
"""
_OWNER = "select any(profile_id) as account from beat_replica.instagram_post_simple where post_id = {id:String}"
_PRODUCTS = {"reels": "REELS", "story": "STORY"}


class _World:
    """The world's present, read from ClickHouse."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.client: Client = connections.clickhouse(settings)
        self.state: WorldState = require_world(self.client)
        self.at = int((self.state.end - NOW).timestamp())
        for kind in ("profiles", "posts"):
            for statement in statements.read("answers", kind):
                if not statement.table:  # the views of the present
                    self.client.query(statement.sql)

    def rows(self, sql: str, **values: Any) -> Rows:
        """The rows of a question about the present."""
        settings = {"join_use_nulls": 0, "max_memory_usage": self._settings.clickhouse_query_memory}
        parameters = {"at": self.at, **values}
        found = self.client.query(sql, parameters=parameters, settings=settings)
        # A column that both sides of a join have is named by its side.
        names = [name.removeprefix("stored.") for name in found.column_names]
        return [dict(zip(names, row, strict=True)) for row in found.result_rows]

    def creators(self, shortcodes: Sequence[str]) -> dict[str, int]:
        """The range of creators that holds the posts."""
        return creators_of(self.client, self.state, shortcodes)


class WorldOnYouTube:
    """Contents of the stand-in for YouTube."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def _world(self) -> _World:
        return _World(self._settings)

    def channels(self, ids: Sequence[str]) -> Mapping[str, Channel]:
        """The channels that are there at the world's end."""
        found = {row["id"]: _channel(row) for row in self._world.rows(_CHANNELS, ids=list(ids))}
        return {each: found[each] for each in ids if each in found}

    def channel_of_handle(self, handle: str) -> Channel | None:
        """The channel with this handle."""
        found = self._world.rows(_CHANNELS, ids=[f"@{handle.lower()}"])
        return _channel(found[0]) if found else None

    def uploads(self, channel: str) -> Sequence[Video]:
        """The uploads of a channel that is there, the newest first, without counters."""
        if not self.channels([channel]):
            return []
        return [
            Video(id=row["id"], channel=channel, is_private=bool(row["is_private"]), published_at=row["latest"])
            for row in self._world.rows(_UPLOADS, channel=channel)
        ]

    def videos(self, ids: Sequence[str]) -> Mapping[str, Video]:
        """The videos that the crawler of the world reads: those of the last half year."""
        found = {row["shortcode"]: _video(row) for row in self._world.rows(_VIDEOS, ids=list(ids), **self._bounds(ids))}
        return {each: found[each] for each in ids if each in found}

    def comments(self, video: str) -> Sequence[Comment] | None:
        """The world tells no comments through this API."""
        return []

    def _bounds(self, ids: Sequence[str]) -> dict[str, int]:
        return self._world.creators(ids)


class WorldOnInstagram:
    """Contents of the stand-in for the Graph API."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def _world(self) -> _World:
        return _World(self._settings)

    def profile(self, username: str) -> graph.Profile | None:
        """The account with this handle at the world's end."""
        row = self._account(username.lower())
        if row is None:
            return None
        return graph.Profile(
            id=row["id"],
            username=row["username"],
            name=row["full_name"] or "",
            biography=row["biography"] or "",
            picture=row["picture"] or "",
            followers=row["followers"],
            following=row["following"],
            media_count=row["media_count"],
            is_professional=bool(row["is_professional"]),
        )

    def media_of(self, profile: str) -> Sequence[graph.Media]:
        """The media of an account of the last half year."""
        row = self._account(profile)
        return self._media(row["account_id"], profile) if row else []

    def medium(self, media: str) -> graph.Media | None:
        """One of the media."""
        row = self._row(media)
        return _medium(row, "") if row else None

    def insights(self, identity: str, asked: Mapping[str, str]) -> list[dict[str, Any]] | Reply:
        """The reach of media, which is all that the world's crawler reads; nothing of accounts."""
        row = None if asked.get("breakdown") else self._row(identity)
        return [{"name": "reach", "period": "lifetime", "values": [{"value": row["shown_reach"]}]}] if row else []

    def comments(self, media: str) -> Sequence[Mapping[str, Any]]:
        """The world tells no comments through this API."""
        return []

    def _account(self, name: str) -> Mapping[str, Any] | None:
        found = self._world.rows(_PROFILES, name=name)
        return found[0] if found else None

    def _row(self, media: str) -> Mapping[str, Any] | None:
        """The post with this id."""
        account = self._world.rows(_OWNER, id=media)[0]["account"]
        return next((row for row in self._rows(account) if row["post_id"] == media), None) if account else None

    def _media(self, account: str, owner: str) -> list[graph.Media]:
        return [_medium(row, owner) for row in self._rows(account)]

    def _rows(self, account: str) -> Rows:
        bounds = self._world.rows(
            "select min(creator) as first, max(creator) + 1 as last from world.account"
            " where account_id = {account:String}",
            account=account,
        )[0]
        return self._world.rows(_MEDIA, account=account, **bounds)


def _channel(row: Mapping[str, Any]) -> Channel:
    return Channel(
        id=row["id"],
        title=row["title"] or "",
        description=row["description"] or "",
        handle=(row["custom_url"] or "").lstrip("@"),
        country=row["country"],
        published_at=row["published_at"],
        thumbnail=row["thumbnail"] or "",
        subscribers=row["subscribers"],
        is_hidden=bool(row["is_hidden"]),
        views=row["views"],
        videos=row["videos"],
    )


def _video(row: Mapping[str, Any]) -> Video:
    return Video(
        id=row["shortcode"],
        channel=row["channel_id"],
        title=row["title"] or "",
        description=row["description"] or "",
        channel_title=row["channel_title"] or "",
        category=row["category_id"] or "",
        language=row["audio_language"],
        tags=tuple(json.loads(row["tags"])) if row["tags"] else (),
        thumbnail=row["thumbnail"] or "",
        duration=row["duration"] or "",
        is_licensed=bool(row["is_licensed"]),
        is_private=row["privacy_status"] == "private",
        published_at=row["published_at"],
        views=row["shown_views"],
        likes=None if row["hides_likes"] else row["shown_likes"],
        comments=None if row["closes_comments"] else row["shown_comments"],
        size=(720, 1280) if row["post_type"] == "short" else (1280, 720),
    )


def _medium(row: Mapping[str, Any], owner: str) -> graph.Media:
    is_story = row["format"] == "story"
    hidden = is_story or row["hides_likes"]
    return graph.Media(
        id=row["post_id"],
        shortcode=row["shortcode"],
        owner=owner,
        product=_PRODUCTS.get(row["format"], "FEED"),
        kind=row["content_type"] or "IMAGE",
        caption=row["caption"],
        url=row["display_url"],
        published_at=row["publish_time"] or row["created_at"],
        likes=None if hidden else row["shown_likes"],
        comments=None if is_story or row["closes_comments"] else row["shown_comments"],
        views=None if hidden or row["format"] != "reels" else row["shown_plays"],
    )
