"""Whether a credential can be used, asked of its source before it is used."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from stir.collector.faults import Fault, Kind
from stir.collector.http import Answer, BrokenAnswerError, Http, Request
from stir.collector.protocol import Credential
from stir.collector.reading import count, part, text
from stir.collector.settings import CollectorSettings, load_collector_settings
from stir.collector.sources.instagram.rules import InstagramRules
from stir.collector.sources.youtube.client import login
from stir.collector.sources.youtube.rules import YouTubeRules
from stir.errors import StirError

SCOPES = {"instagram_basic", "instagram_business_basic"}
"""One of them is needed to read anything."""
INSIGHTS = {"instagram_manage_insights", "instagram_business_manage_insights"}


async def check(
    credential: Credential,
    *,
    settings: CollectorSettings | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> str:
    """What a usable credential may do, in a few words.

    Raises:
        StirError: it cannot be used, or its source does not answer.
    """
    known = settings or load_collector_settings()
    http = Http(most_bytes=known.collect_answer_bytes)
    try:
        if credential.source not in _CHECKS:
            return "not checked: the source has no question for that"
        return await _CHECKS[credential.source](http, credential, known, clock())
    except BrokenAnswerError as error:
        raise StirError(f"{credential.source} does not answer: {error}", do="try again later") from None
    finally:
        await http.close()


async def _youtube(http: Http, credential: Credential, settings: CollectorSettings, moment: datetime) -> str:
    # Any list of one unit tells whether the key is accepted.
    asked = {"part": "id", "id": "UC_x5XG1OV2P6uZZ5FSM9Ttw"}
    answer = await http.send(Request(url=f"{settings.youtube_url}/channels", params=asked, headers=login(credential)))
    fault = YouTubeRules().fault(answer)
    if fault and fault.kind not in (Kind.CLOSED, Kind.BUSY):
        raise _refused(credential, fault)
    return "accepted; its quota is used up for now" if fault else "accepted"


async def _instagram(http: Http, credential: Credential, settings: CollectorSettings, moment: datetime) -> str:
    answer = await http.send(
        Request(
            url=f"{settings.instagram_url}/debug_token",
            params={"input_token": credential.secret},
            headers={"authorization": f"Bearer {credential.secret}"},
        )
    )
    if fault := InstagramRules().fault(answer):
        raise _refused(credential, fault)
    return told_of_token(part(answer.document, "data"), moment)


def told_of_token(data: Any, moment: datetime) -> str:
    """What `debug_token` says of a usable token. An expiry of 0 is none; the access to data ends on a day of its own.

    Raises:
        StirError: the token cannot be used.
    """
    asked = "ask the owner for consent again, and add the new token"
    if part(data, "is_valid") is not True:
        raise StirError("the token is not valid any more", do=asked)
    for name, what in (("expires_at", "the token"), ("data_access_expires_at", "the access to the data")):
        expiry = count(part(data, name)) or 0
        if expiry and datetime.fromtimestamp(expiry, UTC) <= moment:
            raise StirError(f"{what} expired on {datetime.fromtimestamp(expiry, UTC):%Y-%m-%d}", do=asked)
    scopes = {str(each) for each in part(data, "scopes") or ()}
    if not scopes & SCOPES:
        raise StirError("the token may not read Instagram", do=f"ask for one of {', '.join(sorted(SCOPES))}")
    ends = count(part(data, "data_access_expires_at")) or 0
    until = f", until {datetime.fromtimestamp(ends, UTC):%Y-%m-%d}" if ends else ""
    return f"may read profiles{' and insights' if scopes & INSIGHTS else ''}{until}"


async def _shopify(http: Http, credential: Credential, settings: CollectorSettings, moment: datetime) -> str:
    store = text(credential.details.get("domain")) or credential.account
    domain = store if "." in store else f"{store}.myshopify.com"
    url = f"{settings.shopify_url.replace('{store}', domain)}/shop.json"
    return _by_status(
        credential, await http.send(Request(url=url, headers={"x-shopify-access-token": credential.secret}))
    )


async def _language_model(http: Http, credential: Credential, settings: CollectorSettings, moment: datetime) -> str:
    headers = {"authorization": f"Bearer {credential.secret}"}
    return _by_status(
        credential, await http.send(Request(url=f"{settings.language_model_url}/models", headers=headers))
    )


def _by_status(credential: Credential, answer: Answer) -> str:
    if answer.status != 200:
        raise _refused(credential, Fault(Kind.CREDENTIAL, f"status {answer.status}"))
    return "accepted"


def _refused(credential: Credential, fault: Fault) -> StirError:
    return StirError(f"{credential.source} refuses the credential: {fault.reason}", do="add another one, or correct it")


_CHECKS: Mapping[str, Callable[[Http, Credential, CollectorSettings, datetime], Awaitable[str]]] = {
    "youtube": _youtube,
    "instagram": _instagram,
    "shopify": _shopify,
    "language_model": _language_model,
}
