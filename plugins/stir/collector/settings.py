"""The settings of the collector: where its sources are, and how it asks them."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from stir.errors import StirError
from stir.settings import PROJECT_DIR, env_files


class CollectorSettings(BaseSettings):
    """Addresses of the sources, each replaceable by a local server, and versions that change with their providers."""

    model_config = SettingsConfigDict(env_prefix="STIR_", extra="ignore", frozen=True)

    youtube_url: str = Field("https://www.googleapis.com/youtube/v3", description="the YouTube Data API")
    youtube_analytics_url: str = Field(
        "https://youtubeanalytics.googleapis.com/v2", description="the YouTube Analytics API, for a channel's audience"
    )
    youtube_rss_url: str = Field(
        "https://www.youtube.com/feeds/videos.xml", description="YouTube's feeds of new videos"
    )
    instagram_url: str = Field(
        "https://graph.facebook.com/v25.0", description="the Instagram Graph API and its version"
    )
    shopify_url: str = Field(
        "https://{store}/admin/api/2026-10",
        description="the Shopify Admin API; {store} is replaced by the shop's domain",
    )
    language_model_url: str = Field(
        "https://api.openai.com/v1",
        description="an OpenAI-compatible language model: the address before /chat/completions",
    )
    language_model: str = Field("gpt-4o-mini", description="name of the language model")
    collect_providers: Path | None = Field(
        None, description="a folder with YAML files that describe further providers; none by default"
    )
    collect_private_media: bool = Field(
        False,
        description="fetch pictures from addresses of the own network, as stand-ins have; platforms name the address",
    )
    collect_answer_bytes: int = Field(
        32_000_000, ge=100_000, description="the largest answer of a source that is read; media may have as much"
    )

    @field_validator(
        "youtube_url", "youtube_analytics_url", "youtube_rss_url", "instagram_url", "shopify_url", "language_model_url"
    )
    @classmethod
    def _check_address(cls, address: str) -> str:
        if not address.startswith(("http://", "https://")) or "@" in address or "?" in address:
            raise ValueError("it should be an http(s) address without a user and without parameters")
        return address.rstrip("/")


def load_collector_settings() -> CollectorSettings:
    """Read them from the environment and the files of this checkout.

    Raises:
        StirError: a value is not valid; the line names the variable.
    """
    state_dir = Path(os.environ.get("STIR_STATE_DIR") or PROJECT_DIR / ".stir")
    try:
        return CollectorSettings(_env_file=env_files(state_dir))
    except ValidationError as error:
        first = error.errors()[0]
        fault = first["msg"].removeprefix("Value error, ")
        raise StirError(
            f"setting STIR_{str(first['loc'][0]).upper()} is not usable: {fault}",
            do="correct it in the environment or in .env",
        ) from None
