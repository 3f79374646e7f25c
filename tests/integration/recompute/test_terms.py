"""Hashtags and keywords of texts that no feed has yet: the marts' SQL beside the definition in docs/metrics.md."""

from __future__ import annotations

import random
import re
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from stir import connections
from stir.settings import Settings
from stir.transform.runner import run_dbt

from . import terms

if TYPE_CHECKING:
    from collections.abc import Callable

    from stir.world.warehouse import Build

PIECES = (
    *("#", "\uff03", "\ufe5f", "@", "\uff20", "&", "&amp;", "&amp;#35;", "&#35;", "&quot;", "1", "2024", "_", "²", "%"),
    *("&#35", "&#x23;", "&#X27", "&#x27tag", "&#0;", "&#1114112;", "&#00035;", "&num;", "&quot", "&nbsp", "&amp"),
    *("&copy=", "&copy", "&lt", "&eacute", "&szlig;", "&NotEqualTilde;", "&unheard;", "&notit"),
    *(";", "=", "](", "(", "\u202e"),
    *(" ", "\n", ".", ",", "-", "/", "?", "+", "<", "'", "https://", "http://", "www.", "x.example", "me", ":8080"),
    *("@mail.example", "a", "look", "longer", "the", "Straße", "é", "e\u0301", "café", "ΟΔΟΣ", "Σ", "İ", "K", "x" * 60),
    *("नमस्ते", "தமிழ்", "안녕", "العربية", "今日", "の", "タグ", "ー", "สวัสดี"),
    *("\u30fb", "·", "\u200d", "\u200c", "\ufe0f", "\u20e3", "👀", "\u00ad", "\u2060", "\ufeff"),
)  # fmt: skip
TEXTS = 3000


def test_terms_of_texts_in_any_script(
    settings: Settings, warehouse: Build, written_to: Callable[[Path], list[str]], tmp_path: Path
) -> None:
    assert warehouse
    command = ["compile", "--no-write-json", "--select", "mart_collection_post"]
    run_dbt(settings, [*command, *written_to(tmp_path)]).raise_for_failure()
    sql = next((tmp_path / "compiled").rglob("models/marts/collection/mart_collection_post.sql")).read_text()
    columns = re.search(r"\n    title,\n(.*? as unspaced_run_count),", sql, re.DOTALL)
    assert columns
    chance = random.Random(7)  # noqa: S311
    texts = {"".join(chance.choices(PIECES, k=chance.randint(1, 12))) for _ in range(TEXTS)}

    client, table = connections.clickhouse(settings), f"terms_{secrets.token_hex(3)}"
    client.command(f"create table {settings.clickhouse_database}.{table} (text String) engine = Memory")
    try:
        client.insert(f"{settings.clickhouse_database}.{table}", [[text] for text in sorted(texts)], ["text"])
        found = client.query(f"select text, {columns[1]} from {settings.clickhouse_database}.{table}").result_rows
        stop = client.query(f"select word from {settings.clickhouse_database}.stop_word").result_rows
    finally:
        client.command(f"drop table {settings.clickhouse_database}.{table} sync")
    stop_words = {word for (word,) in stop}
    expected = {t: (terms.hashtags(t), terms.keywords(t, stop_words), terms.unspaced_runs(t)) for t in texts}

    assert {text: (list(tags), list(words), runs) for text, tags, words, runs in found} == expected
    assert sum(bool(tags) for tags, _, _ in expected.values()) > TEXTS / 20
    assert sum(runs > 0 for _, _, runs in expected.values()) > TEXTS / 20
