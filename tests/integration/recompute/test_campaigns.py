"""What campaigns with the creators of the app brought and cost, computed again from the source tables."""

from __future__ import annotations

from .campaigns import PER_RESULT, Campaigns
from .comparison import Subject
from .reports import Reports


def test_campaign_performance_of_each_account_of_the_app(subject: Subject, reports: Reports) -> None:
    expected = Campaigns(subject, reports).performance()

    for name in ("profile_id", "channel_id", "survey_persona", "campaigns", "campaigns_with_clicks", *PER_RESULT):
        assert any(row[name] for row in expected), f"nobody has {name}, so nothing of it would be compared"
    subject.compare("mart_creator_campaign_performance", ["account_id"], expected)
