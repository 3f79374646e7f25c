"""What YouTube's errors mean.

The reason stands in `errors[0].reason` or in `details[].reason`; a token endpoint has a word instead of an object.
Source: developers.google.com/youtube/v3/docs/errors and .../determine_quota_cost.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stir.collector.faults import Fault, Kind
from stir.collector.http import Answer
from stir.collector.protocol import Usage
from stir.collector.reading import items, part, text

REASONS: dict[str, Kind] = {
    **dict.fromkeys(("quotaExceeded", "dailyLimitExceeded"), Kind.CLOSED),
    **dict.fromkeys(("rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"), Kind.BUSY),
    **dict.fromkeys(
        (
            "keyInvalid",
            "badRequestKeyInvalid",
            "API_KEY_INVALID",
            "accessNotConfigured",
            "SERVICE_DISABLED",
            "API_KEY_SERVICE_BLOCKED",
            "invalid_grant",
            "authError",
            "CREDENTIALS_MISSING",
            "ACCESS_TOKEN_EXPIRED",
        ),
        Kind.CREDENTIAL,
    ),
    **dict.fromkeys(("channelNotFound", "playlistNotFound", "videoNotFound", "subscriberNotFound"), Kind.GONE),
    **dict.fromkeys(("commentsDisabled", "subscriptionForbidden", "playlistItemsNotAccessible"), Kind.NOTHING),
    "channelClosed": Kind.GONE,
    "channelSuspended": Kind.GONE,
    "accountDelegationForbidden": Kind.CREDENTIAL,
    "insufficientPermissions": Kind.CREDENTIAL,
    "invalidPageToken": Kind.PAGE,
    **dict.fromkeys(("SERVICE_UNAVAILABLE", "backendError", "internalError", "processingFailure"), Kind.HICCUP),
}
"""The table of reasons; what it does not hold is decided by the status."""
_QUOTA_MODEL = "RATE_LIMIT_EXCEEDED"


class YouTubeRules:
    """The rules of both APIs: they share Google's form of errors."""

    def fault(self, answer: Answer) -> Fault | None:
        """The fault of an answer. 304 is none: the caller has what was asked for."""
        if answer.status in (200, 304):
            if answer.status == 200 and not isinstance(answer.document, dict):
                return Fault(Kind.HICCUP, "the answer is no object")
            return None if answer.status == 304 or "error" not in answer.document else _of_document(answer)
        if answer.status >= 500:
            return Fault(Kind.HICCUP, f"status {answer.status}", answer.retry_after())
        return _of_document(answer)

    def usage(self, answer: Answer) -> Usage | None:
        """Google says nothing of what is used."""
        return None


def _of_document(answer: Answer) -> Fault:
    error = part(answer.document, "error")
    reasons = list(_reasons(error))
    known = [reason for reason in reasons if reason in REASONS]
    reason = known[0] if known else next(iter(reasons), f"status {answer.status}")
    # The day's quota is also told as RATE_LIMIT_EXCEEDED, with quotaExceeded beside it: the day decides.
    if closed := [each for each in known if REASONS[each] == Kind.CLOSED]:
        reason = closed[0]
    kind = REASONS.get(reason, Kind.BUSY if answer.status == 429 else Kind.REFUSED)
    if reason == "forbidden" or (not known and answer.status == 401):
        kind = Kind.CREDENTIAL
    advice = ""
    if kind == Kind.CREDENTIAL and answer.status == 403:
        advice = "; Google also refuses good keys from shared address ranges (clouds, CI)"
    return Fault(kind, reason + advice, answer.retry_after(), project=_project(error))


def _reasons(error: Any) -> Iterator[str]:
    if word := text(error):
        yield word
    for each in (*items(error, "errors"), *items(error, "details")):
        if word := text(each.get("reason")):
            yield word


def _project(error: Any) -> str:
    """The project that the source names, as `projects/123`; keys of one project share their quota."""
    found = (text(part(each, "metadata", "consumer")) for each in items(error, "details"))
    return next((consumer for consumer in found if consumer), "")
