"""Every oddity of the real platforms that is known from their documentation or from peers' complaints has a test."""

from __future__ import annotations

import ast

import pytest

from stir.settings import PROJECT_DIR

UNIT, INTEGRATION = "tests/unit/collector", "tests/integration/collector"
YOUTUBE, FEED, INSTAGRAM = f"{UNIT}/test_youtube.py", f"{UNIT}/test_feed.py", f"{UNIT}/test_instagram.py"
READING, PACIFIC, OTHERS = f"{UNIT}/test_reading.py", f"{UNIT}/test_pacific.py", f"{UNIT}/test_other_sources.py"
RESOLVING, LIMITS = f"{UNIT}/test_resolving.py", f"{INTEGRATION}/test_limits.py"
BAD, TRACKING = f"{INTEGRATION}/test_bad_inputs.py", f"{INTEGRATION}/test_tracking.py"
SERIES = "models/marts/leaderboard/mart_time_series_unit_tests.yml"
ODDITIES = {
    "50 asked, 47 answered": (YOUTUBE, "fifty_channels_are_one_call_and_those_that_are_missing_are_named"),
    "no member items": (YOUTUBE, "an_answer_without_items_is_that_the_channel_does_not_exist"),
    "counts as texts beyond 31 bits": (YOUTUBE, "counters_in_quotes_beyond_31_bits_are_numbers"),
    "hidden subscribers with 0": (YOUTUBE, "hidden_subscribers_with_a_zero_beside_them_stay_absent"),
    "no likeCount, no commentCount": (
        YOUTUBE,
        "hidden_likes_and_closed_comments_stay_absent_and_only_comments_have_a_flag",
    ),
    "P0D, PT0S, P1DT2H3S": (READING, "a_length_has_days_hours_minutes_and_seconds"),
    "private and deleted entries": (
        YOUTUBE,
        "private_and_deleted_entries_of_the_uploads_are_reported_and_not_asked_for",
    ),
    "a late publication": (
        YOUTUBE,
        "a_video_that_was_uploaded_long_before_it_was_published_is_read_at_its_place_in_the_list",
    ),
    "20,000 uploads": (YOUTUBE, "no_more_than_twenty_thousand_uploads_are_read_whatever_a_request_asks_for"),
    "the 20,000 are reported": (YOUTUBE, "a_list_that_ends_at_twenty_thousand_is_reported_as_a_limit"),
    "totalResults 1,000,000": (YOUTUBE, "an_estimate_of_a_million_results_leads_to_no_further_page"),
    "invalid page token": (YOUTUBE, "a_page_token_that_is_refused_half_way_begins_the_list_again_once"),
    "a page token twice": (
        YOUTUBE,
        "a_page_token_that_comes_twice_ends_the_list_with_an_error_and_keeps_what_was_read",
    ),
    "quotaExceeded in two places": (YOUTUBE, "a_used_up_quota_closes_its_bucket_until_pacific_midnight"),
    "separate buckets": (YOUTUBE, "a_used_up_search_leaves_videos_open"),
    "days of 23 and 25 hours": (PACIFIC, "two_days_of_a_year_have_another_length"),
    "their midnights in the ledger": (LIMITS, "a_day_ends_at_pacific_midnight_also_when_the_clocks_change"),
    "two keys of a project": (
        YOUTUBE,
        "the_key_of_another_project_takes_over_and_another_key_of_the_same_one_does_not",
    ),
    "304, and ETags with quotes": (
        YOUTUBE,
        "an_unchanged_list_comes_without_a_body_and_costs_a_unit_all_the_same",
    ),
    "new keys of thumbnails": (YOUTUBE, "fields_that_no_parser_knows_are_reported_once_a_day"),
    "commentsDisabled": (YOUTUBE, "closed_comments_are_an_answer"),
    "an error as a text": (YOUTUBE, "a_refused_key_is_switched_off_and_the_next_one_answers"),
    "playlistNotFound of an empty channel": (
        YOUTUBE,
        "an_empty_channel_without_a_playlist_is_different_from_one_that_does_not_exist",
    ),
    "24 August 2026": (SERIES, "time_series_flags_the_period_in_which_the_definition_of_a_view_changed"),
    "the feed's head lacks UC": (FEED, "the_head_of_a_feed_lacks_the_beginning_of_the_id_and_its_entries_do_not"),
    "an entry without an id": (FEED, "an_entry_without_an_id_is_left_out"),
    "feeds answer 404 to all": (FEED, "a_feed_that_is_down_never_says_that_the_channel_is_gone"),
    "HTML under 200": (FEED, "html_under_status_200_is_an_outage"),
    "110/2207013": (INSTAGRAM, "a_profile_that_is_not_professional_fails_with_a_reason_and_is_not_said_to_be_gone"),
    "code 10 of both kinds": (
        INSTAGRAM,
        "code_10_is_the_medias_answer_about_few_viewers_and_else_the_credentials",
    ),
    "100/33 twice, then good": (INSTAGRAM, "an_object_that_seems_gone_is_asked_for_twice_more_at_longer_gaps"),
    "an unsupported metric": (
        INSTAGRAM,
        "a_metric_that_a_kind_does_not_have_is_left_out_and_not_asked_for_again",
    ),
    "empty data": (INSTAGRAM, "empty_insights_are_no_zeros"),
    "views with total_value": (INSTAGRAM, "views_never_fill_impressions_and_missing_metrics_stay_missing"),
    "96 % and 19 minutes": (LIMITS, "usage_above_80_halves_the_rate_and_95_rests_for_the_time_that_the_source_names"),
    "no usage header, or a broken one": (INSTAGRAM, "usage_headers_that_are_absent_or_broken_say_nothing"),
    "190/463 within a walk": (
        INSTAGRAM,
        "a_token_that_expires_during_a_walk_over_pages_is_off_and_the_next_one_goes_on",
    ),
    "+0000": (READING, "a_moment_is_read_in_every_spelling_of_the_platforms"),
    "likes 0 and absent": (INSTAGRAM, "hidden_likes_are_absent_whether_they_are_left_out_or_zero"),
    "links of reels, tv and stories": (INSTAGRAM, "a_shortcode_is_cut_from_every_kind_of_link"),
    "a cursor without next": (INSTAGRAM, "a_list_ends_where_no_next_is_named_however_many_cursors_it_has"),
    "reduce the amount of data": (INSTAGRAM, "too_much_data_at_once_is_asked_for_in_halves"),
    "texts in another script": (INSTAGRAM, "texts_for_users_in_any_language_decide_nothing"),
    "data access that ended": (RESOLVING, "a_token_without_expiry_is_usable_until_the_access_to_the_data_ends"),
    "a handle of another id": (
        INSTAGRAM,
        "a_handle_that_passed_to_another_profile_is_in_conflict_and_overwrites_nobody",
    ),
    "reels_skip_rate 0.37": (INSTAGRAM, "a_fraction_is_not_cut_to_zero"),
    "failedVideoIds": (YOUTUBE, "a_video_that_failed_among_the_counters_is_confirmed_by_the_call_that_knows"),
    "200 with Note or plain text": (OTHERS, "a_body_that_says_otherwise_than_its_status_is_believed"),
    "gzip cut off, members twice": (YOUTUBE, "a_source_that_fails_is_asked_again_and_then_the_request_is_given_back"),
    "NaN, 1e400, halves of characters": (
        YOUTUBE,
        "odd_numbers_and_halves_of_characters_do_not_take_an_answer_along",
    ),
    "70 MB": (YOUTUBE, "seventy_megabytes_are_refused_by_the_limit_that_is_set_by_default"),
    "Retry-After as a date": (YOUTUBE, "retry_after_is_obeyed_as_seconds_and_as_a_date_of_a_clock_that_is_wrong"),
    "a wrong key": (TRACKING, "a_key_that_google_refuses_is_off_until_a_person_acts"),
    "a key that is revoked": (BAD, "a_key_that_is_revoked_in_mid_run_is_off_and_the_requests_wait_for_another"),
    "a key of a project that is used by others": (
        YOUTUBE,
        "keys_whose_project_the_source_names_share_its_buckets_from_then_on",
    ),
    "quota gone in mid-run": (BAD, "a_quota_that_ends_in_mid_run_is_closed_until_midnight_and_the_rest_waits"),
    "a handle that does not exist": (TRACKING, "a_handle_that_does_not_exist_is_named_and_the_others_are_tracked"),
    "a clock that is off by an hour": (BAD, "a_clock_that_is_off_by_an_hour_lets_the_requests_wait"),
    "HTML under 200 of the API": (YOUTUBE, "a_source_that_fails_is_asked_again_and_then_the_request_is_given_back"),
    "a full disk": (BAD, "a_full_disk_of_postgresql_stops_calls_and_the_requests_say_so"),
    "no broker": (BAD, "without_a_broker_no_request_is_taken"),
    "a broker that leaves in mid-run": (YOUTUBE, "a_request_is_not_answered_while_its_records_are_not_durable"),
}


@pytest.mark.parametrize(("place", "name"), ODDITIES.values(), ids=ODDITIES)
def test_an_oddity_has_its_test(place: str, name: str) -> None:
    text = (PROJECT_DIR / place).read_text(encoding="utf-8")
    if place.endswith(".yml"):
        assert f"- name: {name}\n" in text
        return
    named = {each.name for each in ast.parse(text).body if isinstance(each, ast.FunctionDef)}
    assert f"test_{name}" in named
