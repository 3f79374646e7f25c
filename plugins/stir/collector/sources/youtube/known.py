"""The fields of YouTube's answers that the documentation lists or a parser reads. Others are drift."""

from __future__ import annotations

from stir.collector.drift import Known

PICTURES = ("default", "medium", "high", "standard", "maxres")
_THUMBNAILS: Known = dict.fromkeys(PICTURES)
_LISTED: Known = {"kind": None, "etag": None, "nextPageToken": None, "prevPageToken": None, "pageInfo": None}
_STATUS: Known = dict.fromkeys(
    (
        "privacyStatus",
        "isLinked",
        "longUploadsStatus",
        "madeForKids",
        "selfDeclaredMadeForKids",
        "uploadStatus",
        "failureReason",
        "rejectionReason",
        "publishAt",
        "license",
        "embeddable",
        "publicStatsViewable",
        "containsSyntheticMedia",
    )
)
CHANNEL: Known = {
    **_LISTED,
    "items": {
        "kind": None,
        "etag": None,
        "id": None,
        "snippet": {
            **dict.fromkeys(("title", "description", "customUrl", "publishedAt", "defaultLanguage", "localized")),
            "country": None,
            "thumbnails": _THUMBNAILS,
        },
        "statistics": dict.fromkeys(
            ("viewCount", "subscriberCount", "hiddenSubscriberCount", "videoCount", "commentCount")
        ),
        "contentDetails": None,
        "status": _STATUS,
        "brandingSettings": None,
        "topicDetails": None,
    },
}
VIDEO: Known = {
    **_LISTED,
    "items": {
        "kind": None,
        "etag": None,
        "id": None,
        "snippet": {
            **dict.fromkeys(
                (
                    "publishedAt",
                    "channelId",
                    "title",
                    "description",
                    "channelTitle",
                    "tags",
                    "categoryId",
                    "liveBroadcastContent",
                    "defaultLanguage",
                    "localized",
                    "defaultAudioLanguage",
                )
            ),
            "thumbnails": _THUMBNAILS,
        },
        "statistics": dict.fromkeys(("viewCount", "likeCount", "dislikeCount", "favoriteCount", "commentCount")),
        "contentDetails": dict.fromkeys(
            (
                "duration",
                "dimension",
                "definition",
                "caption",
                "licensedContent",
                "regionRestriction",
                "contentRating",
                "projection",
                "hasCustomThumbnail",
            )
        ),
        "status": _STATUS,
        "player": None,
    },
}
STATISTICS: Known = {
    **_LISTED,
    "summary": None,
    "items": {
        "kind": None,
        "etag": None,
        "id": None,
        "snippet": dict.fromkeys(("publishTime",)),
        "statistics": dict.fromkeys(("viewCount", "likeCount", "commentCount")),
        "contentDetails": dict.fromkeys(("duration", "durationMillis")),
    },
}
