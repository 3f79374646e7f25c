"""Charts, numbers and the cache of the application, without a database."""

from __future__ import annotations

import asyncio
import contextlib
import re
from datetime import date, timedelta

from stir.app.reading.cache import AnswerCache, Kept
from stir.app.reading.generations import Generations
from stir.app.reading.rounds import Rounds
from stir.app.web.bars import MIDDLE, gauge, place_of, places_chart, share_bar
from stir.app.web.cells import choose, th
from stir.app.web.charts import Line, changed_days, line_chart, sparkline
from stir.app.web.creator_parts import metric_name, metric_value, sample
from stir.app.web.embeds import draw_board
from stir.app.web.numbers import age, breakable, growth, percent, short, signed, whole
from stir.app.web.page import asset, static_file

START = date(2026, 1, 4)


def weeks(*values: float | None) -> Line:
    return Line("Followers", [(START + timedelta(weeks=number), value) for number, value in enumerate(values)])


def test_the_marks_of_an_axis_differ_from_one_another() -> None:
    for low, high in ((1_400_000, 1_577_050), (10_978_000, 10_978_400), (0, 4), (100, 100.9), (1_000, 900_000)):
        marks = re.findall(r'text-anchor="end">([^<]*[0-9KM])</text>', line_chart([weeks(low, high)], "x"))[:5]
        assert len(set(marks)) == 5, marks
    assert "1.49M" in line_chart([weeks(1_400_000, 1_577_050)], "x")


def test_a_week_without_an_observation_is_a_gap_in_the_line() -> None:
    assert line_chart([weeks(1, 2, 3, 4)], "x").count("<polyline") == 1
    assert line_chart([weeks(1, 2, None, 3, 4)], "x").count("<polyline") == 2
    jump = Line("Followers", [*weeks(1, 2).points, *((day + timedelta(weeks=9), 3) for day, _ in weeks(1, 2).points)])
    assert line_chart([jump], "x").count("<polyline") == 2


def test_the_running_period_is_dashed() -> None:
    drawn = line_chart([weeks(1, 2, 3)], "x", dashed_from=START + timedelta(weeks=2))
    assert drawn.count("running") == 1


def test_a_line_is_dashed_up_to_the_days_that_are_carried_on() -> None:
    days = [START + timedelta(weeks=number) for number in range(5)]
    drawn = line_chart([Line("Likes", weeks(1, 2, 2, 3, 4).points, carried=[days[2]])], "x")
    lines = [part.split('"') for part in drawn.split("<polyline class=")[1:]]
    assert [("running" in line[1], len(line[3].split())) for line in lines] == [(False, 2), (True, 2), (False, 3)]


def test_place_1_is_at_the_top_of_a_chart_of_ranks() -> None:
    drawn = line_chart([weeks(1, 5, 9)], "x", ranks=True)
    heights = [float(point.split(",")[1]) for point in drawn.split('points="')[1].split('"')[0].split()]
    assert heights == sorted(heights)
    assert heights[0] < heights[-1]
    assert ">1<" in drawn, "whole places stand at the axis"


def test_a_chart_of_one_observation_says_so() -> None:
    assert "Not enough observations" in line_chart([weeks(1)], "x")


def test_a_period_in_which_views_changed_their_meaning_has_a_star_in_charts_and_pictures() -> None:
    days = {"2026-01-11": True, "2026-01-18": False}
    periods = [{"date": day, "crosses_definition_change": crosses} for day, crosses in days.items()]
    assert changed_days(periods) == {date(2026, 1, 11)}
    assert line_chart([weeks(1, 2, 3)], "x", changed=changed_days(periods)).count(">*</text>") == 1
    assert "*" not in line_chart([weeks(1, 2, 3)], "x")
    row = {"rank": 1, "movement": 0, "name": "A", "followers": 5, "month": "2026-01-01"}
    said = b"What is counted as a view changed"
    assert said in draw_board([{**row, "crosses_definition_change": True}], "Board", Generations({}))
    assert said not in draw_board([{**row, "crosses_definition_change": False}], "Board", Generations({}))


def test_a_name_cannot_write_into_the_page() -> None:
    drawn = line_chart([Line("<script>", weeks(1, 2).points)], '"><script>')
    assert "<script>" not in drawn


def test_a_growth_of_a_thousandth_looks_flat() -> None:
    heights = {point.split(",")[1] for point in sparkline([1000, 1000.3]).split('points="')[1].split('"')[0].split()}
    assert all(abs(float(height) - 22) < 0.1 for height in heights)


def test_a_technical_name_breaks_after_its_parts_and_stays_text() -> None:
    assert breakable("beat_replica.post_log") == "beat_<wbr>replica.<wbr>post_<wbr>log"
    assert breakable("<b>_x") == "&lt;b&gt;_<wbr>x"


def test_numbers_as_people_read_them() -> None:
    assert (whole(1234567), short(1234567), percent(0.0123)) == ("1,234,567", "1.2M", "1.23 %")
    assert (short(456.5717), short(999.97), short(0), short(12)) == ("456.6", "1K", "0", "12")
    assert signed(-1500) == "\N{MINUS SIGN}1.5K"
    assert (growth([100, None, 110]), age(7200), age(30)) == ("+10.0 %", "2 hours", "less than a minute")
    assert all("unknown" in text for text in (whole(None), short(None), signed(None), percent(None), growth([None])))


def test_a_file_is_named_by_its_content() -> None:
    digest, body = static_file("stir.css")
    assert asset("stir.css") == f"/static/{digest}/stir.css"
    assert len(body) < 10_000


def test_an_answer_is_kept_under_the_generations_that_it_names_and_computed_once() -> None:
    async def play() -> None:
        cache, computed = AnswerCache(10_000), []

        async def compute() -> Kept:
            computed.append(1)
            await asyncio.sleep(0)
            return Kept("board=2", b"two")

        assert not cache.knows("key")
        together = await asyncio.gather(*(cache.get("key", "board=2", compute) for _ in range(5)))
        assert cache.knows("key")
        assert {kept.body for kept in together} == {b"two"}
        assert len(computed) == 1
        await cache.get("key", "board=3", compute)  # a swap came: what is kept is not of the live generation
        assert len(computed) == 2
        assert cache.find("key", "board=1") is None

    asyncio.run(play())


def test_an_answer_under_way_is_known_and_one_of_other_ages_is_another_answer() -> None:
    async def play() -> None:
        cache, may_end = AnswerCache(10_000), asyncio.Event()

        async def compute() -> Kept:
            await may_end.wait()
            return Kept("board=2", b"two", old=" old: board")

        first = asyncio.create_task(cache.get("key", None, compute))
        await asyncio.sleep(0)
        assert cache.knows("key"), "whoever comes now has to ask what is live before an answer of before will do"
        may_end.set()
        assert await first is cache.find("key", "board=2 old: board")
        assert cache.find("key", "board=2") is None

    asyncio.run(play())


def test_a_value_cannot_write_into_a_choice_or_a_heading() -> None:
    drawn = choose("category", "Category", ["Music", '"><script>'], "Music", {"Music": "<b>"})
    assert "<script>" not in drawn
    assert '<option value="Music" selected>&lt;b&gt;</option>' in drawn
    assert "<b>" not in th("leaderboard", "followers", "<b>")
    assert ">measured</small>" in th("leaderboard", "followers", "Followers")


def test_an_error_is_not_kept() -> None:
    async def play() -> None:
        cache = AnswerCache(10_000)

        async def fail() -> Kept:
            raise OSError

        async def succeed() -> Kept:
            return Kept("g", b"ok")

        with contextlib.suppress(OSError):
            await cache.get("key", "g", fail)
        assert (await cache.get("key", "g", succeed)).body == b"ok"

    asyncio.run(play())


def test_an_answer_is_shared_and_never_of_a_question_that_began_before_it_was_asked() -> None:
    async def play() -> None:
        rounds: Rounds[int] = Rounds()
        begun, may_end = 0, asyncio.Event()

        async def question() -> int:
            nonlocal begun
            begun += 1
            number = begun
            await may_end.wait()
            return number

        first = asyncio.create_task(rounds.ask("key", question))
        while begun == 0:
            await asyncio.sleep(0)
        later = [asyncio.create_task(rounds.ask("key", question)) for _ in range(5)]
        await asyncio.sleep(0)
        later[0].cancel()
        may_end.set()
        assert await first == 1
        assert await asyncio.gather(*later[1:]) == [2, 2, 2, 2]
        assert begun == 2

    asyncio.run(play())


def test_an_error_of_a_shared_question_is_not_kept() -> None:
    async def play() -> None:
        rounds: Rounds[int] = Rounds()

        async def fail() -> int:
            raise OSError

        async def succeed() -> int:
            return 3

        answers = await asyncio.gather(*(rounds.ask("key", fail) for _ in range(2)), return_exceptions=True)
        assert [type(answer) for answer in answers] == [OSError, OSError]
        assert await rounds.ask("key", succeed) == 3

    asyncio.run(play())


def test_places_won_are_right_of_the_middle_and_lost_ones_left_of_it() -> None:
    drawn = places_chart([("Left", 19), ("<New>", -17), ("Own", 0)], "x")
    found = re.findall(r'"(\w+)" x="([\d.]+)" y="\d+" width="([\d.]+)"', drawn)
    bars = [(way, float(left), float(wide)) for way, left, wide in found]
    assert [way for way, _, _ in bars] == ["won", "lost", "none", "won"], "the last one is the sum"
    assert bars[0][1] == MIDDLE
    assert bars[1][1] + bars[1][2] == MIDDLE
    assert ">+19<" in drawn
    assert ">+2<" in drawn
    assert "<New>" not in drawn


def test_a_value_stands_in_the_band_of_its_grade() -> None:
    bounds = (1.0, 2.0, 3.0, 4.0)
    assert [place_of(value, bounds) for value in (-9, 0, 0.5, 1, 1.5, 2, 3, 4, 5, 99)] == [
        0, 0, 20, 40, 50, 60, 75, 90, 100, 100,
    ]  # fmt: skip
    assert place_of(7, (7, 7, 7, 7)) == 40, "in a group of equals everybody is at the lowest threshold"


def test_a_gauge_needs_all_thresholds() -> None:
    limits = {"p40": 1.0, "p60": 2.0, "p75": 3.0, "p90": 4.0}
    assert gauge(2.5, limits, 1.5, "x").count('class="band') == 5
    assert gauge(2.5, {**limits, "p60": None}, 1.5, "x") == ""


def test_the_largest_share_fills_its_bar() -> None:
    assert 'width="100.0"' in share_bar(0.4, 0.4)
    assert 'width="50.0"' in share_bar(0.2, 0.4)
    assert 'width="0.0"' in share_bar(0, 0)


def test_a_metric_is_said_in_its_unit() -> None:
    assert metric_name("followers_growth_30d_pct") == "Followers growth 30 days in per cent"
    assert metric_value("likes_spread_pct", 12.5) == "12.50 %"
    assert metric_value("engagement_ratio", 0.02) == "2.00 %"
    assert metric_value("likes_to_comment_ratio", 59.49) == "59.5"
    assert sample("follower_sample", 420) == "Estimated from a sample of the followers; 420 followers."
    assert sample(None, None) == "Of unknown source; sample size unknown."
