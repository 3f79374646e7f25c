"""A spreadsheet of channels or of videos becomes readings, accounts and posts, whatever its columns are called."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from stir.errors import StirError
from stir.ingest.files.loading import open_file
from stir.ingest.files.plans import Made, Options
from stir.ingest.files.youtube import ACCOUNTS, POSTS, PROFILES, VIDEOS, derived_channel

ARRIVED = datetime(2026, 11, 29, 12, tzinfo=UTC)
UC = "UC86eIToNMw7jcyDPmWhRq6Q"
TRENDING = (
    "video_id,trending_date,title,channel_title,category_id,publish_time,tags,views,likes,dislikes,comment_count,"
    "thumbnail_link,comments_disabled,ratings_disabled,video_error_or_removed,description\n"
    '2kyS6SvSYSE,17.14.11,"WE WANT TO TALK\nABOUT ""US"" 🎉",CaseyNeistat,22,2017-11-13T17:13:01.000Z,SHANtell martin,'
    '7.48374E+05,"57,527",2966,15954,https://i.ytimg.com/x.jpg,False,False,False,"SHANTELL\nlinks"\n'
    "1ZAPwfrtAFY,17.14.11,No likes,LastWeekTonight,24,2017-11-13T07:30:00.000Z,[none],2418783,0,0,0,"
    "https://i.ytimg.com/y.jpg,True,True,False,\n"
)


def _made(folder: Path, text: str, way: str, **options: Any) -> list[Made]:
    path = folder / "file.csv"
    path.write_text(text, encoding="utf-8")
    opened = open_file(path, way, Options(**options))
    return [opened.plan.make(each.values, ARRIVED) for each in opened.records if each.values]


def _row(made: Made, table: str) -> dict[str, Any]:
    return next(row for name, row in made.rows if name == table)


def test_the_trending_files_of_titles_alone_load_as_they_are(tmp_path: Path) -> None:
    first, second = _made(tmp_path, TRENDING, "posts")
    event = _row(first, POSTS)
    assert (event["shortcode"], event["profile_id"]) == ("2kyS6SvSYSE", derived_channel("caseyneistat "))
    assert event["event_timestamp"] == datetime(2017, 11, 14, 23, 59, 59, tzinfo=UTC)
    assert event["publish_time"] == datetime(2017, 11, 13, 17, 13, 1, tzinfo=UTC)
    assert json.loads(event["metrics"]) == {"view_count": 748374, "likes": 57527, "comments": 15954}
    assert _row(first, VIDEOS)["title"] == 'WE WANT TO TALK\nABOUT "US" 🎉'
    assert _row(second, VIDEOS)["tags"] is None
    assert json.loads(_row(second, POSTS)["dimensions"]) == {"comments_disabled": True, "ratings_disabled": True}
    assert _row(second, ACCOUNTS)["title"] == "LastWeekTonight"


def test_the_same_reading_in_two_files_is_one_event(tmp_path: Path) -> None:
    one, two = (_made(tmp_path, TRENDING, "posts")[0] for _ in range(2))
    assert _row(one, POSTS)["event_id"] == _row(two, POSTS)["event_id"]
    other = _made(tmp_path, TRENDING.replace("17.14.11", "17.15.11"), "posts")[0]
    assert _row(one, POSTS)["event_id"] != _row(other, POSTS)["event_id"]


@pytest.mark.parametrize(
    ("heading", "values"),
    [
        ("channel_id,date,subscribers,views,videos", f"{UC},2026-11-01,10,20,3"),
        ("Channel ID;Snapshot Date;Subscriber Count;View_Count;Video Count", f"{UC};01.11.2026;10;20;3"),
        ("URL\tDAY\tSubs\tTotal Views\tUploads", f"https://www.youtube.com/channel/{UC}?x=1\t2026-11-01\t10\t20\t3"),
        ("name,id,date,Followers,Video Views,Total videos", f"Luísa,{UC},2026-11-01,10,20.0,3"),
    ],
)
def test_columns_of_channels_are_found_by_their_usual_names(tmp_path: Path, heading: str, values: str) -> None:
    (made,) = _made(tmp_path, f"{heading}\n{values}\n", "channels")
    reading = _row(made, PROFILES)
    assert (reading["profile_id"], reading["event_timestamp"].day) == (UC, 1)
    assert json.loads(reading["metrics"]) == {"subscriber_count": 10, "view_count": 20, "video_count": 3}
    assert _row(made, ACCOUNTS)["subscribers"] == 10


def test_a_channel_of_a_handle_or_a_title_always_has_the_same_id(tmp_path: Path) -> None:
    text = (
        "handle,date,subscribers\n@Ada,2026-11-01,1\nhttps://youtube.com/@ada/videos,2026-11-02,2\nada,2026-11-03,3\n"
    )
    assert len({_row(made, PROFILES)["profile_id"] for made in _made(tmp_path, text, "channels")}) == 1


def test_a_day_of_the_load_itself_does_not_lie_after_the_load(tmp_path: Path) -> None:
    (made,) = _made(tmp_path, f"channel_id,date,subscribers\n{UC},2026-11-29,1\n", "channels")
    assert _row(made, PROFILES)["event_timestamp"] == ARRIVED


def test_the_newest_reading_of_a_load_is_the_newest_version_of_the_account(tmp_path: Path) -> None:
    text = f"channel_id,date,subscribers\n{UC},2026-11-02,2\n{UC},2026-11-01,1\n"
    new, old = (_row(made, ACCOUNTS)["updated_at"] for made in _made(tmp_path, text, "channels"))
    assert ARRIVED > new > old
    assert (ARRIVED - old).total_seconds() < 1


def test_each_bad_value_is_refused_with_its_reason(tmp_path: Path) -> None:
    rows = [",2026-11-01,1", "UCshort,2026-11-01,1", "{0},,1", "{0},soon,1", "{0},2026-11-01,1x"]
    rows += ["{0},2026-11-01,-1", "{0},2026-11-01,NA", "{0},2027-11-01,1"]
    text = "\n".join(["channel_id,date,subscribers", *rows])
    reasons = [made.violations[0].reason for made in _made(tmp_path, text.replace("{0}", UC), "channels")]
    assert reasons == [
        "missing_key", "missing_key", "impossible_timestamp", "impossible_timestamp", "wrong_type", "impossible_number",
        "no_number", "future_timestamp",
    ]  # fmt: skip


def test_a_file_without_a_date_takes_one_for_all_rows(tmp_path: Path) -> None:
    text = f"channel_id,subscribers\n{UC},1\n"
    with pytest.raises(StirError, match="--set date="):
        _made(tmp_path, text, "channels")
    (made,) = _made(tmp_path, text, "channels", sets=(("date", "2026-06-15"),))
    assert _row(made, PROFILES)["event_timestamp"] == datetime(2026, 6, 15, 23, 59, 59, tzinfo=UTC)


def test_a_map_goes_before_every_guess_and_a_wrong_one_is_refused(tmp_path: Path) -> None:
    text = f"channel_id,date,subscribers,subs\n{UC},2026-11-01,1,2\n"
    (made,) = _made(tmp_path, text, "channels", maps=(("subs", "subscribers"),))
    assert json.loads(_row(made, PROFILES)["metrics"]) == {"subscriber_count": 2}
    for maps in ((("nothing", "subscribers"),), (("subs", "nothing"),)):
        with pytest.raises(StirError, match="'nothing'"):
            _made(tmp_path, text, "channels", maps=maps)
