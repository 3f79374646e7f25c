"""Instagram: profiles, posts, stories and insights against a local server that answers as the documentation says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.unit.collector.platform import NOW, Budget, Known, Run, conforms, key, run, served, task, wait

from stir.collector.protocol import Complete, Conflict, Empty, Failed, GivenBack, NotFound, Throttled, Usage
from stir.collector.sources.instagram import parse
from stir.world.standins.graph import GraphStandIn, Media, Profile, error
from stir.world.standins.server import Reply

ANNA = Profile(id="17841400", username="anna", name="Anna", followers=1200, following=30, media_count=3)
PROFILE, POST = "refresh_profile_by_handle", "refresh_post_by_shortcode"
ACCOUNT = {"id": 5, "profile_id": "400", "handle": "anna", "fbid": "17841400", "category": "Food", "followers": 1}


class Platform:
    """Profiles and media in memory."""

    def __init__(self, *media: Media, profiles: Sequence[Profile] = (ANNA,)) -> None:
        self.profiles = {each.username: each for each in profiles}
        self.media = list(media)
        self.shown: dict[str, Any] = {}

    def profile(self, username: str) -> Profile | None:
        return self.profiles.get(username)

    def media_of(self, profile: str) -> Sequence[Media]:
        return [each for each in self.media if profile in (each.owner, "17843")]

    def medium(self, media: str) -> Media | None:
        return next((each for each in self.media if each.id == media), None)

    def insights(self, identity: str, asked: Mapping[str, str]) -> list[dict[str, Any]] | Reply:
        shown = self.shown.get(asked.get("breakdown", ""), self.shown.get("", []))
        return shown if isinstance(shown, Reply) else list(shown)

    def comments(self, media: str) -> Sequence[Mapping[str, Any]]:
        return [
            {"id": "c1", "text": "नमस्ते", "username": "bob", "like_count": 2, "timestamp": "2026-05-01T10:00:00+0000"}
        ]


def media(number: int, **more: Any) -> Media:
    given = {"likes": 10, "comments": 2, **more}
    return Media(id=f"1790{number}", shortcode=f"code{number}", owner=ANNA.id, **given)


def row(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "shortcode": f"code{number}",
        "profile_id": "400",
        "handle": "anna",
        "post_id": f"1790{number}",
        "post_type": "image",
        **more,
    }


def known(*posts: dict[str, Any], account: dict[str, Any] | None = ACCOUNT) -> Known:
    accounts = [account] if account else []
    return Known({"beat_replica.instagram_account": accounts, "beat_replica.instagram_post_simple": list(posts)})


def token(number: int = 1, account: str = "me") -> Any:
    return key(number, f"app{number}", "instagram", account=account)


def ask(
    platform: Platform,
    *tasks: Any,
    script: Sequence[tuple[Any, ...]] = (),
    usage: tuple[float, float] | None = (28, 0),
    **more: Any,
) -> Run:
    async def work() -> Run:
        standin = GraphStandIn(platform, {"secret-1": "me", "secret-2": ANNA.id}, usage=lambda: usage)
        async with served(standin, "instagram") as (server, urls):
            for matches, reply, times in script:
                server.script(matches, reply, times=times)
            found = await run(urls, *tasks, **{"budget": Budget([token()]), "known": known(), **more})
            found.asked.extend(server.asked)
            return found

    return wait(work())


def ever(reply: Reply, times: int = 99) -> list[tuple[Any, ...]]:
    return [("", reply, times)]


def test_a_profile_is_the_stored_one_with_what_was_read_in_its_place() -> None:
    found = ask(Platform(), task(PROFILE, "anna"))

    assert found.outcome == Complete(2, "graphapi")
    (event,), (account,) = found.streams["profile_log"], found.streams["beat_instagram_account"]
    assert (event["profile_id"], event["handle"]) == ("400", "anna")
    assert event["metrics"] == {"followers": 1200, "following": 30}
    assert (account["id"], account["category"], account["followers"], account["media_count"]) == (5, "Food", 1200, 3)
    conforms(found)


def test_a_profile_that_nobody_has_stored_is_known_by_the_id_of_the_graph_api() -> None:
    found = ask(Platform(), task(PROFILE, "anna"), known=known(account=None))

    (account,) = found.streams["beat_instagram_account"]
    assert (account["profile_id"], account["fbid"]) == (ANNA.id, ANNA.id)
    conforms(found)


def test_a_handle_that_passed_to_another_profile_is_in_conflict_and_overwrites_nobody() -> None:
    found = ask(Platform(), task(PROFILE, "anna"), known=known(account={**ACCOUNT, "fbid": "999"}))

    assert isinstance(found.outcome, Conflict)
    assert "400" in found.outcome.reason
    assert not found.streams


def test_a_profile_that_was_renamed_is_known_by_its_id() -> None:
    found = ask(Platform(), task(PROFILE, "anna"), known=known(account={**ACCOUNT, "handle": "old"}))

    (account,) = found.streams["beat_instagram_account"]
    assert (account["id"], account["handle"]) == (5, "anna")


def test_a_profile_that_is_not_professional_fails_with_a_reason_and_is_not_said_to_be_gone() -> None:
    found = ask(Platform(profiles=[]), task(PROFILE, "anna"))

    assert found.outcome == Failed("Instagram answers 110/2207013")


def test_the_subcode_of_unknown_users_under_another_code_is_another_error() -> None:
    found = ask(Platform(), task(PROFILE, "anna"), script=ever(error(100, "Invalid parameter", 2207013)))

    assert found.outcome == Failed("Instagram answers 100/2207013")
    assert len(found.asked) == 1


def test_code_10_is_the_medias_answer_about_few_viewers_and_else_the_credentials() -> None:
    story = row(1, post_type="story")
    few = [("insights", error(10, "Not enough viewers for the media to show insights"), 9)]

    seen = ask(Platform(), task("refresh_story_insights", "code1"), script=few, known=known(story), budget=own())
    barred = ask(Platform(), task(PROFILE, "anna"), script=ever(error(10, "Application does not have permission")))

    assert seen.outcome == Empty("Instagram answers 10")
    assert not seen.budget.disabled
    assert isinstance(barred.outcome, GivenBack)
    assert barred.budget.disabled == {1: "Instagram answers 10"}


def own() -> Budget:
    return Budget([token(2, ANNA.id)])


def test_an_object_that_seems_gone_is_asked_for_twice_more_at_longer_gaps() -> None:
    gone = error(100, "Unsupported get request", 33)

    good = ask(Platform(media(1)), task(POST, "code1"), script=ever(gone, 2), known=known(row(1)), budget=own())
    bad = ask(Platform(media(1)), task(POST, "code1"), script=ever(gone), known=known(row(1)), budget=own())

    assert isinstance(good.outcome, Complete)
    assert good.slept == [10.0, 30.0]
    assert bad.outcome == NotFound("Instagram answers 100/33 three times")


def value(name: str, number: float) -> dict[str, Any]:
    return {"name": name, "period": "lifetime", "values": [{"value": number}]}


def test_a_metric_that_a_kind_does_not_have_is_left_out_and_not_asked_for_again() -> None:
    platform = Platform()
    platform.shown[""] = [value("reach", 900), value("views", 1500)]
    refusal = error(100, "The Media Insights API does not support the reposts metric for this media product type.")
    tasks = [task("refresh_post_insights", f"code{number}", request=number) for number in (1, 2)]

    found = ask(platform, *tasks, script=[("insights", refusal, 1)], known=known(row(1), row(2)), budget=own())

    assert found.outcomes[1] == Complete(2, "graphapi", True, ("Instagram has no metric reposts for feed",))
    assert ["reposts" in asked.params["metric"] for asked in found.asked] == [True, False, False]
    conforms(found)


def test_a_metric_that_is_named_by_its_place_is_left_out() -> None:
    platform = Platform()
    platform.shown[""] = [value("reach", 9)]
    refusal = error(100, "metric[1] must be one of the following values: reach, views, likes")

    found = ask(
        platform, task("refresh_post_insights", "code1"), script=[("insights", refusal, 1)], known=known(row(1)),
        budget=own(),
    )  # fmt: skip

    assert isinstance(found.outcome, Complete)
    assert found.outcome.notes == ("Instagram has no metric reach for feed",)


def test_views_never_fill_impressions_and_missing_metrics_stay_missing() -> None:
    platform = Platform()
    platform.shown[""] = [value("views", 1500), {"name": "saved", "total_value": {"value": 7}}]

    stored = {"impressions": 3, "publish_time": "2026-06-01T00:00:00+00:00"}
    found = ask(platform, task("refresh_post_insights", "code1"), known=known(row(1, **stored)), budget=own())

    (event,), (post,) = found.streams["post_log"], found.streams["beat_instagram_post_simple"]
    assert event["metrics"] == {"views": 1500, "saved": 7}
    assert event["publish_time"] == "2026-06-01T00:00:00+00:00", "it counts in the period of its publication"
    assert (post["views"], post["saved"], post["impressions"]) == (1500, 7, 3)
    assert "reach" not in post


def test_empty_insights_are_no_zeros() -> None:
    found = ask(Platform(), task("refresh_post_insights", "code1"), known=known(row(1)), budget=own())

    assert isinstance(found.outcome, Empty)
    assert not found.streams


def test_media_from_before_the_account_became_professional_never_has_insights() -> None:
    script = [("insights", error(100, "Media posted before business account conversion", 2108006), 9)]

    found = ask(Platform(), task("refresh_post_insights", "code1"), script=script, known=known(row(1)), budget=own())

    assert found.outcome == Empty("Instagram answers 100/2108006")


def test_a_fraction_is_not_cut_to_zero() -> None:
    platform = Platform()
    platform.shown[""] = [value("reach", 5), value("reels_skip_rate", 0.37)]

    found = ask(platform, task("refresh_post_insights", "code1"), known=known(row(1, post_type="reels")), budget=own())

    assert found.streams["post_log"][0]["dimensions"] == {"reels_skip_rate": 0.37}


def test_the_steps_of_a_story_come_from_both_forms_of_values() -> None:
    platform = Platform()
    platform.shown[""] = [value("views", 30), value("replies", 0)]
    steps = [("tap_forward", 11), ("tap_back", 2), ("tap_exit", 3), ("swipe_forward", 4)]
    results = [{"dimension_values": [name], "value": number} for name, number in steps]
    navigation = {"dimension_keys": ["story_navigation_action_type"], "results": results}
    platform.shown["story_navigation_action_type"] = [
        {"name": "navigation", "total_value": {"value": 20, "breakdowns": [navigation]}}
    ]

    found = ask(platform, task("refresh_story_insights", "code1"), known=known(row(1, post_type="story")), budget=own())

    assert found.streams["post_log"][0]["metrics"] == {
        "views": 30,
        "replies": 0,
        "navigation": 20,
        "tap_forward": 11,
        "tap_back": 2,
        "tap_exit": 3,
    }
    conforms(found)


@pytest.mark.parametrize("headers", [{}, {"x-app-usage": "{", "x-business-use-case-usage": "[]"}])
def test_usage_headers_that_are_absent_or_broken_say_nothing(headers: dict[str, str]) -> None:
    found = ask(Platform(), task(PROFILE, "anna"), usage=None, script=ever(Reply({"id": "me"}, headers=headers), 1))

    assert found.budget.usages == []


def test_usage_headers_say_the_greatest_percentage_and_the_minutes() -> None:
    found = ask(Platform(), task(PROFILE, "anna"), usage=(96, 19))

    assert found.budget.usages == [Usage(percent=96, regain_minutes=19)]


def test_a_limit_rests_the_token_for_the_minutes_that_the_header_says() -> None:
    header = {"x-business-use-case-usage": '{"178":[{"call_count":100,"estimated_time_to_regain_access":19}]}'}
    limit = Reply(error(80002, "There have been too many calls").content, 400, header)

    found = ask(Platform(), task(PROFILE, "anna"), script=ever(limit))

    assert found.budget.rested == {1: (NOW + timedelta(minutes=19), "Instagram answers 80002")}
    assert isinstance(found.outcome, Throttled)
    assert found.outcome.until == NOW + timedelta(minutes=19)


def test_a_limit_without_a_header_rests_the_token_for_an_hour_and_another_token_answers() -> None:
    budget = Budget([token(1), token(2)])

    found = ask(
        Platform(), task(PROFILE, "anna"), script=ever(error(4, "Application request limit reached"), 1), budget=budget
    )

    assert found.budget.rested[1][0] == NOW + timedelta(hours=1)
    assert isinstance(found.outcome, Complete)


def test_a_token_that_expires_during_a_walk_over_pages_is_off_and_the_next_one_goes_on() -> None:
    platform = Platform(*(media(number) for number in range(120)))
    posts = [row(110, post_id=None)]
    second = [(lambda asked: ".after(" in asked.params["fields"], error(190, "Error validating access token", 463), 1)]

    found = ask(
        platform, task(POST, "code110"), script=second, known=known(*posts), budget=Budget([token(1), token(2)])
    )

    assert found.budget.disabled == {1: "Instagram answers 190/463"}
    assert found.outcome == Complete(2, "graphapi")
    assert len(found.asked) == 4


def test_too_much_data_at_once_is_asked_for_in_halves() -> None:
    script = ever(error(1, "Please reduce the amount of data you're asking for, then retry your request"), 2)

    found = ask(Platform(media(1)), task(POST, "code1"), script=script, known=known(row(1, post_id=None)))

    assert [asked.params["fields"].partition("limit(")[2][:2] for asked in found.asked] == ["50", "25", "12"]
    assert isinstance(found.outcome, Complete)


def test_texts_for_users_in_any_language_decide_nothing() -> None:
    shown = error(2, "An unexpected error has occurred", error_user_msg="请稍后再试", is_transient=True)

    found = ask(Platform(), task(PROFILE, "anna"), script=ever(shown, 1))

    assert isinstance(found.outcome, Complete)


def test_posts_of_one_author_share_pages_and_the_author_is_asked_once() -> None:
    platform = Platform(*(media(number) for number in range(60)))
    posts = [row(number, post_id=None) for number in range(40)]
    tasks = [task(POST, f"code{number}", request=number) for number in range(40)]

    found = ask(platform, *tasks, known=known(*posts))

    assert len(found.asked) == 1
    assert all(isinstance(outcome, Complete) for outcome in found.outcomes.values())
    conforms(found)


def test_a_post_of_a_connected_author_is_read_with_the_authors_own_token() -> None:
    found = ask(
        Platform(media(1)), task(POST, "code1"), known=known(row(1)), budget=Budget([token(1), token(2, ANNA.id)])
    )

    assert [each.id for each in found.budget.used] == [2]
    assert found.budget.charges[0].bucket == "account"


def test_a_post_without_a_known_author_fails_with_the_reason() -> None:
    found = ask(Platform(), task(POST, "code1"), known=known())

    assert isinstance(found.outcome, Failed)
    assert "author" in found.outcome.reason


@pytest.mark.parametrize(
    ("document", "likes", "hides"),
    [
        ({"like_count": 0, "comments_count": 9}, None, None),
        ({"like_count": 0, "comments_count": 0}, 0, False),
        ({"comments_count": 9}, None, True),
        ({"like_count": 4, "comments_count": 9}, 4, False),
    ],
)
def test_hidden_likes_are_absent_whether_they_are_left_out_or_zero(
    document: dict[str, Any], likes: int | None, hides: bool | None
) -> None:
    found = parse.medium({"id": "1", "permalink": "https://www.instagram.com/p/abc/", **document})

    assert found is not None
    assert (found.likes, found.hides_likes) == (likes, hides)


@pytest.mark.parametrize(
    ("link", "code"),
    [
        ("https://www.instagram.com/reel/Cx_1-a/", "Cx_1-a"),
        ("https://www.instagram.com/tv/B1/", "B1"),
        ("https://www.instagram.com/stories/anna/3100/", "3100"),
        ("https://instagram.com/p/C2?igsh=1", "C2"),
    ],
)
def test_a_shortcode_is_cut_from_every_kind_of_link(link: str, code: str) -> None:
    found = parse.medium({"id": "1", "permalink": link, "timestamp": "2021-10-22T14:00:39+0000"})

    assert found is not None
    assert (found.shortcode, found.published_at) == (code, datetime(2021, 10, 22, 14, 0, 39, tzinfo=UTC))


def test_a_list_ends_where_no_next_is_named_however_many_cursors_it_has() -> None:
    page = {"data": [], "paging": {"cursors": {"before": "a", "after": "b"}}}

    assert parse.media(page).next == ""
    assert parse.media({**page, "paging": {**page["paging"], "next": "https://x"}}).next == "b"  # type: ignore[dict-item]


def test_stories_are_read_with_the_owners_token() -> None:
    platform = Platform(media(1, product="STORY", likes=None, comments=None), media(2))
    tasks = [task("refresh_stories_posts", "anna"), task("refresh_stories_posts", "carl", request=2)]

    found = ask(platform, *tasks, budget=own())

    (story,) = found.streams["beat_instagram_post_simple"]
    assert (story["shortcode"], story["post_type"]) == ("code1", "story")
    assert isinstance(found.outcomes[2], Failed)
    conforms(found)


def test_an_audience_comes_by_gender_and_age_city_and_country() -> None:
    platform = Platform()

    def divided(*weights: tuple[list[str], int]) -> list[dict[str, Any]]:
        results = [{"dimension_values": names, "value": number} for names, number in weights]
        return [{"name": "follower_demographics", "total_value": {"breakdowns": [{"results": results}]}}]

    platform.shown["age,gender"] = divided((["25-34", "F"], 40), (["18-24", "M"], 10), (["25-34", "U"], 1))
    platform.shown["city"] = divided((["Pune, Maharashtra"], 7))

    found = ask(platform, task("refresh_profile_insights", "anna"), budget=own())

    (audience,) = found.streams["beat_instagram_profile_insights"]
    assert audience["audience_gender_age"] == {
        "female": {"25-34": 40},
        "male": {"18-24": 10},
        "uncategorized": {"25-34": 1},
    }
    assert audience["audience_city"] == {"Pune, Maharashtra": 7}
    conforms(found)


def test_comments_and_hashtags_are_read() -> None:
    commented = ask(Platform(), task("fetch_post_comments", "code1"), known=known(row(1)), budget=own())
    tagged = ask(Platform(media(1), media(7)), task("fetch_hashtag_posts", "#food"), known=known(row(1)))

    assert commented.streams["post_activity"][0]["dimensions"] == {"text": "नमस्ते"}
    assert [each["shortcode"] for each in tagged.streams["post_log"]] == ["code1"]
    assert [each["shortcode"] for each in tagged.streams["beat_instagram_post_simple"]] == ["code1", "code7"]
    conforms(commented)
    conforms(tagged)
