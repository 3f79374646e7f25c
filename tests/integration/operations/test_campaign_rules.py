"""Campaign rules on PostgreSQL: each does its work on the world's campaigns once, however often and at once it runs."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg import sql

from stir import connections
from stir.errors import StirError
from stir.operations.rules import names, run_rule
from stir.settings import Settings
from stir.world.campaigns import COLUMNS, MADE, fill_application

AT_ONCE = 4


TABLES = [sql.Identifier(*table.split(".")) for table in (*COLUMNS, *MADE)]
"""What the world fills and what rules make of it, parents first."""


@pytest.fixture(scope="module")
def filled(settings: Settings, warehouse: Any) -> list[bytes]:
    """The content of each table as the application left it: to copy it back takes a tenth of filling it again."""
    fill_application(settings, replace=True)
    with connections.postgres(settings) as connection, connection.cursor() as cursor:
        content = []
        for table in TABLES:
            with cursor.copy(sql.SQL("copy {} to stdout (format binary)").format(table)) as copy:
                content.append(b"".join(copy))
    return content


@pytest.fixture
def campaigns(settings: Settings, filled: list[bytes]) -> None:
    """The world's campaigns as the application left them, before any rule has run."""
    with connections.postgres(settings) as connection, connection.cursor() as cursor:
        cursor.execute(sql.SQL("truncate {} cascade").format(sql.SQL(", ").join(TABLES)))
        for table, content in zip(TABLES, filled, strict=True):
            with cursor.copy(sql.SQL("copy {} from stdin (format binary)").format(table)) as copy:
                copy.write(content)


def rows(settings: Settings, query: LiteralString, *values: Any) -> list[tuple[Any, ...]]:
    with connections.postgres(settings) as connection:
        return connection.execute(query, values or None).fetchall()


def run_at_once(settings: Settings, name: str, times: int = AT_ONCE) -> list[set[str]]:
    """The keys that each of several runs of a rule changed, all begun at one moment."""
    gate = threading.Barrier(times)

    def run(_: int) -> set[str]:
        gate.wait()
        return set(run_rule(settings, name).keys)

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


@pytest.mark.parametrize("name", names())
def test_a_rule_finds_work_does_it_once_and_a_dry_run_keeps_nothing(
    settings: Settings, campaigns: None, name: str
) -> None:
    before = run_rule(settings, name, dry_run=True)
    assert before.keys
    assert "dry run" in before.line
    done = run_rule(settings, name)
    assert sorted(done.keys) == sorted(before.keys), "the dry run says what the run then does, and keeps nothing"
    assert run_rule(settings, name).keys == (), "a second run finds nothing left"


@pytest.mark.parametrize("name", names())
def test_runs_at_once_share_the_work_and_double_none_of_it(settings: Settings, campaigns: None, name: str) -> None:
    expected = set(run_rule(settings, name, dry_run=True).keys)
    changed = Counter(key for keys in run_at_once(settings, name) for key in keys)
    assert set(changed) == expected
    assert set(changed.values()) == {1}


PAID = "select application_id, count(*) from campaign.payout group by 1"
DUE = """
select application_id from campaign.application
where accepted_at is not null and status in ('ACTIVE', 'COMPLETED')
"""


def test_every_accepted_application_is_paid_exactly_once_whatever_happens(settings: Settings, campaigns: None) -> None:
    already = dict(rows(settings, "select application_id, payout_id from campaign.payout"))
    due = {row[0] for row in rows(settings, DUE)}
    assert already
    assert set(already) < due
    # Cut off before it commits: nothing of it may stay.
    with connections.postgres(settings) as victim:
        pid = victim.info.backend_pid
        victim.execute(
            "insert into campaign.payout (application_id, amount, currency) select %s, 1, 'INR'",
            [min(due - set(already))],
        )
        with connections.postgres(settings, role="admin") as admin:
            admin.execute("select pg_terminate_backend(%s)", [pid])
        with pytest.raises(psycopg.OperationalError):
            victim.execute("select 1")
        victim.close()
    for _ in range(3):  # runs at once, and retries
        run_at_once(settings, "create_missing_payouts")
    assert dict(rows(settings, PAID)) == dict.fromkeys(due, 1)
    paid = dict(rows(settings, "select application_id, payout_id from campaign.payout"))
    assert {key: paid[key] for key in already} == already, "a payout that was there is not touched"
    wrong = """
        select payout.application_id from campaign.payout join campaign.application using (application_id)
        join campaign.campaign using (campaign_id) where (amount, currency) <> (payout_amount, payout_currency)
    """
    assert rows(settings, wrong) == []


def test_a_second_payout_is_refused_by_the_table_itself(settings: Settings, campaigns: None) -> None:
    with connections.postgres(settings) as connection, pytest.raises(psycopg.errors.UniqueViolation):
        connection.execute(
            "insert into campaign.payout (application_id, amount, currency)"
            " select application_id, amount, currency from campaign.payout limit 1"
        )


def test_creators_who_withdrew_or_were_not_accepted_are_not_paid(settings: Settings, campaigns: None) -> None:
    run_rule(settings, "create_missing_payouts")
    query = """
        select count(*) from campaign.payout join campaign.application using (application_id)
        where accepted_at is null or application.status not in ('ACTIVE', 'COMPLETED')
    """
    assert rows(settings, query) == [(0,)]


def test_items_agree_with_the_newest_review(settings: Settings, campaigns: None) -> None:
    query: LiteralString = """
        select submission.status, item.is_enabled, item.is_in_report, submission.post_shortcode, submission.version,
            application_id, post_collection_id, item.post_shortcode is not null
        from campaign.submission join campaign.application using (application_id)
        join campaign.campaign using (campaign_id)
        left join campaign.post_item as item using (post_collection_id, platform, post_shortcode)
        where submission.kind = 'FINAL_POST'
    """
    wanted = {"UNDER_REVIEW": (True, False), "APPROVED": (True, True), "REJECTED": (False, False)}
    strength = ["REJECTED", "UNDER_REVIEW", "APPROVED"]

    def state() -> list[bool]:
        newest: dict[int, tuple[Any, ...]] = {}
        for row in rows(settings, query):
            newest[row[5]] = max(newest.get(row[5], row), row, key=lambda each: each[4])
        decided: dict[tuple[str, str], tuple[Any, ...]] = {}
        for row in newest.values():
            place = (row[6], row[3])
            decided[place] = max(decided.get(place, row), row, key=lambda each: strength.index(each[0]))
        return [(row[1], row[2]) == wanted[row[0]] if row[7] else row[0] == "REJECTED" for row in decided.values()]

    assert not all(state())
    run_rule(settings, "reconcile_submission_status")
    assert all(state())
    assert len(state()) > 5


def test_the_first_enabled_post_sets_the_flag_and_a_disabled_one_does_not(settings: Settings, campaigns: None) -> None:
    run_rule(settings, "flag_final_post_submitted")
    query: LiteralString = """
        select profile.has_final_post, profile.first_final_post_at, min(item.posted_at) filter (where item.is_enabled)
        from campaign.campaign_profile as profile left join campaign.post_item as item using (campaign_profile_id)
        group by profile.campaign_profile_id
    """
    found = rows(settings, query)
    assert {flag for flag, _, _ in found} == {True, False}
    assert all((flag, at) == (first is not None, first) for flag, at, first in found)


def test_a_referral_needs_somebody_else_to_launch_it(settings: Settings, campaigns: None) -> None:
    run_rule(settings, "complete_referral_submissions")
    query: LiteralString = """
        select submission.status = 'COMPLETED', submission.completed_at,
            min(launch.launched_at) filter (where launch.user_id <> link.owner_user_id), count(launch.user_id)
        from campaign.submission join campaign.referral_link as link using (submission_id)
        left join campaign.referral_launch as launch using (referral_link_id)
        group by submission.submission_id
    """
    found = rows(settings, query)
    assert all((done, at) == (other is not None, other) for done, at, other, _ in found)
    assert any(done for done, *_ in found)
    assert any(not done and launches for done, _, _, launches in found), "a launch by the owner alone was planted"


def test_verdicts_follow_the_scraped_owner_and_keep_their_evidence(settings: Settings, campaigns: None) -> None:
    outcome = run_rule(settings, "upload_handle_verification")
    found = rows(
        settings,
        "select verdict, evidence, post_shortcode, account_id from campaign.handle_check"
        " join campaign.submission using (submission_id) join campaign.application using (application_id)"
        " join campaign.campaign_profile using (campaign_profile_id)",
    )
    assert len(found) == len(outcome.keys)
    owners = dict(
        connections.clickhouse(settings)
        .query("select shortcode, argMax(profile_id, updated_at) from beat_replica.instagram_post_simple group by 1")
        .result_rows
    )
    for verdict, evidence, shortcode, account in found:
        assert verdict == ("SAME" if owners[shortcode] == account else "DIFFERENT")
        assert evidence["owner"]["account_id"] == owners[shortcode]
    assert {verdict for verdict, *_ in found} == {"SAME", "DIFFERENT"}


def test_at_most_two_of_a_kind_are_recommended_best_first_and_only_what_is_open(
    settings: Settings, campaigns: None
) -> None:
    run_rule(settings, "recommend_campaigns")
    sets = rows(
        settings,
        "select campaign_profile_id, kind, array_agg(score order by place) from campaign.recommendation group by 1, 2",
    )
    assert {kind for _, kind, _ in sets} == {"COLLABORATION", "CHALLENGE"}
    assert max(len(scores) for *_, scores in sets) == 2
    assert all(scores == sorted(scores, reverse=True) for *_, scores in sets)
    closed = """
        select 1 from campaign.recommendation join campaign.campaign using (campaign_id)
        left join campaign.application using (campaign_id, campaign_profile_id)
        where not (opens_at <= recommended_at and closes_at > recommended_at) or application_id is not null
    """
    assert rows(settings, closed) == []
    parts = "select 1 from campaign.recommendation where score <> (select sum(value::int) from jsonb_each_text(parts))"
    assert rows(settings, parts) == []
    reported = rows(settings, "select count(*) from ops.outbox where topic = 'recommendation'")
    assert reported == [(len({profile for profile, *_ in sets}),)]


def test_a_new_comment_makes_a_new_report_and_no_new_comment_makes_none(settings: Settings, campaigns: None) -> None:
    first = run_rule(settings, "sync_post_collection_sentiment_report").keys
    collection = first[0]
    with connections.postgres(settings) as connection:
        connection.execute(
            "update ops.report_job set data_watermark = data_watermark - interval '1 hour' where collection_id = %s",
            [collection],
        )
    assert run_rule(settings, "sync_post_collection_sentiment_report").keys == (collection,)
    assert run_rule(settings, "sync_post_collection_sentiment_report").keys == ()


def test_an_empty_warehouse_changes_nothing(settings: Settings, campaigns: None) -> None:
    run_rule(settings, "recommend_campaigns")
    with connections.postgres(settings) as connection:
        connection.execute("update campaign.campaign_profile set account_id = 'nobody'")
    assert run_rule(settings, "recommend_campaigns").keys == ()
    assert rows(settings, "select count(*) > 0 from campaign.recommendation") == [(True,)]


def test_a_rule_that_does_not_exist_is_refused_with_the_names_of_those_that_do(settings: Settings) -> None:
    with pytest.raises(StirError, match="create_missing_payouts"):
        run_rule(settings, "create_missing_payout")


@pytest.fixture(scope="module", autouse=True)
def left_as_filled(settings: Settings, warehouse: Any) -> Iterator[None]:
    """Other tests find the campaigns as the world fills them."""
    yield
    fill_application(settings, replace=True)
