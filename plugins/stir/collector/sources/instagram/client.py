"""Asks the Graph API: addresses, fields and what a call counts on. It neither reads nor keeps what the answers say.

Discovery counts on the platform's limit, everything that an account shows of itself on the account's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stir.collector.calls import Calls
from stir.collector.http import Request
from stir.collector.protocol import Charge, Credential
from stir.collector.settings import CollectorSettings
from stir.collector.sources.instagram.rules import InstagramRules

SOURCE = "instagram"
PAGE = 50
_PROFILE = "id,username,name,biography,website,followers_count,follows_count,media_count,profile_picture_url"
_MEDIA = (
    "id,caption,comments_count,like_count,media_type,media_product_type,media_url,permalink,thumbnail_url,timestamp"
)
_RULES = InstagramRules()


class Instagram:
    """The client."""

    def __init__(self, settings: CollectorSettings) -> None:
        self._base = settings.instagram_url

    async def discover(self, calls: Calls, handle: str, *, media: int = 0, cursor: str = "") -> Any:
        """The profile of a professional account, with a page of its media if wanted."""
        after = f".after({cursor})" if cursor else ""
        wanted = f",media.limit({media}){after}{{{_MEDIA},view_count}}" if media else ""
        fields = f"business_discovery.username({handle}){{{_PROFILE}{wanted}}}"
        charge = Charge(source=SOURCE, bucket="platform", entity=handle)
        return await self._get(calls, charge, "{me}", {"fields": fields})

    async def medium(self, calls: Calls, account: str, media: str) -> Any:
        """One of the account's own media."""
        return await self._own(calls, account, media, {"fields": f"{_MEDIA},shortcode"})

    async def stories(self, calls: Calls, account: str) -> Any:
        """The account's stories of the last 24 hours."""
        return await self._own(calls, account, f"{account}/stories", {"fields": f"{_MEDIA},shortcode"})

    async def insights(self, calls: Calls, account: str, media: str, metrics: Mapping[str, str]) -> Any:
        """Metrics of the account's own media."""
        return await self._own(calls, account, f"{media}/insights", metrics)

    async def account_insights(self, calls: Calls, account: str, asked: Mapping[str, str]) -> Any:
        """Metrics of the account itself."""
        return await self._own(calls, account, f"{account}/insights", asked)

    async def comments(self, calls: Calls, account: str, media: str, cursor: str = "") -> Any:
        """A page of comments on the account's own media."""
        asked = {"fields": "id,text,username,from,like_count,timestamp", "limit": str(PAGE)}
        return await self._own(calls, account, f"{media}/comments", asked | ({"after": cursor} if cursor else {}))

    async def hashtag(self, calls: Calls, word: str) -> Any:
        """The id of a hashtag. An account may ask for 30 different ones in seven days."""
        charge = Charge(source=SOURCE, bucket="platform", entity=word)
        return await self._get(calls, charge, "ig_hashtag_search", {"q": word, "user_id": "{me}"})

    async def hashtag_media(self, calls: Calls, word: str, identity: str, cursor: str = "") -> Any:
        """A page of recent media with a hashtag, without their authors."""
        asked = {"user_id": "{me}", "fields": _MEDIA.replace(",thumbnail_url", ""), "limit": str(PAGE)}
        charge = Charge(source=SOURCE, bucket="platform", entity=word)
        more = {"after": cursor} if cursor else {}
        return await self._get(calls, charge, f"{identity}/recent_media", asked | more)

    async def _own(self, calls: Calls, account: str, path: str, asked: Mapping[str, str]) -> Any:
        charge = Charge(source=SOURCE, bucket="account", entity=path.partition("/")[0], account=account)
        return await self._get(calls, charge, path, asked)

    async def _get(self, calls: Calls, charge: Charge, path: str, asked: Mapping[str, str]) -> Any:
        def build(credential: Credential) -> Request:
            # "{me}" is the account that the token belongs to, which is known once the credential is.
            return Request(
                url=f"{self._base}/{path.replace('{me}', credential.account)}",
                params={name: value.replace("{me}", credential.account) for name, value in asked.items()},
                headers={"authorization": f"Bearer {credential.secret}"},
            )

        return (await calls.ask(charge, _RULES, build)).document
