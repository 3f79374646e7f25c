"""The manifest that commands read: parsed once, and parsed again when something that it depends on changed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from stir.errors import StirError
from stir.settings import Settings
from stir.transform import environment, project, runner

PROFILE = """
small:
  target: local
  outputs:
    local:
      type: clickhouse
      host: "{{ env_var('STIR_CLICKHOUSE_HOST') }}"
      port: "{{ env_var('STIR_CLICKHOUSE_PORT') | as_number }}"
      schema: "{{ env_var('STIR_CLICKHOUSE_DATABASE') }}"
"""


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A dbt project of one model, in place of stir's."""
    root = tmp_path / "project"
    for folder in ("models", "profiles"):
        (root / folder).mkdir(parents=True)
    (root / "dbt_project.yml").write_text("{name: small, version: '1.0', profile: small, config-version: 2}")
    (root / "profiles" / "profiles.yml").write_text(PROFILE)
    (root / "models" / "one.sql").write_text("select {{ env_var('ONE', '1') }} as one")
    for module in (project, environment, runner):
        monkeypatch.setattr(module, "PROJECT_DIR", root)
    return root


@pytest.fixture
def parses(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The target folders of the parses that dbt was asked for."""
    asked: list[Path] = []
    parse = project._dbt_parse

    def counted(settings: Settings, target: Path, **options: Any) -> None:
        asked.append(target)
        parse(settings, target, **options)

    monkeypatch.setattr(project, "_dbt_parse", counted)
    return asked


def test_the_project_is_parsed_again_only_when_it_changed(
    small: Path, parses: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBT_WRITE_JSON", "false")  # of the user, who wants no files of dbt's own commands
    settings = Settings(state_dir=tmp_path / "state")
    with ThreadPoolExecutor(2) as both:
        first, second = both.map(project.fresh_manifest, [settings, settings])

    assert first == second == project.fresh_manifest(settings)
    assert len(parses) == 1, "two that ask at once share a parse, and the next reads what they left"

    (small / "models" / "two.sql").write_text("select * from {{ ref('one') }}")
    assert {"model.small.one", "model.small.two"} <= project.fresh_manifest(settings)["nodes"].keys()
    assert len(parses) == 2

    (small / "models" / "two.sql").unlink()
    assert project.fresh_manifest(settings) == first, "an earlier state has its own manifest"
    assert len(parses) == 2

    (small / "models" / "one.sql").write_text("select {{ nonsense( }}")
    addressed = settings.model_copy(update={"clickhouse_url": SecretStr("http://nobody@127.0.0.1:1")})
    for read in (project.fresh_manifest, project.parse):
        with pytest.raises(StirError, match=r"does not parse: Compilation Error .*one\.sql"):
            read(addressed)
    assert len(list((tmp_path / "state" / "dbt" / "manifests").glob("*.json"))) == 2, "a failed parse leaves nothing"


def test_a_manifest_belongs_to_every_file_and_variable_that_parsing_reads(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    variables = {**environment.NO_SERVER, "STIR_CLICKHOUSE_DATABASE": "stir"}
    key = project.parse_key(variables)

    assert project.parse_key({**variables, "ANOTHER": "1", "STIR_CLICKHOUSE_PORT": "2", "DBT_LOG_PATH": "x"}) == key
    for change in ({"ONE": "2"}, {"STIR_CLICKHOUSE_DATABASE": "mine"}, {"DBT_TARGET": "ci"}):
        assert project.parse_key({**variables, **change}) != key, change
    for name in ("dbt_project.yml", "profiles/profiles.yml", "models/one.sql", "models/new.yml", "seeds/new.csv"):
        path = small / name
        path.parent.mkdir(exist_ok=True)
        before = path.read_bytes() if path.exists() else None
        path.write_bytes((before or b"") + b"\n# changed")
        assert project.parse_key(variables) != key, name
        path.unlink() if before is None else path.write_bytes(before)
        assert project.parse_key(variables) == key, "what a file holds counts, not when it was written"
    monkeypatch.setattr(project, "version", lambda name: "99")
    assert project.parse_key(variables) != key


def test_a_manifest_that_cannot_be_read_is_made_again(small: Path, tmp_path: Path, parses: list[Path]) -> None:
    kept = tmp_path / "kept.json"
    kept.write_text("{")

    assert project._read(kept) is None
    assert project._read(tmp_path / "none.json") is None
    assert not (tmp_path / "none.json").exists()


def test_the_parse_of_tasks_begins_with_that_of_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(state_dir=tmp_path / "state")
    of_commands = tmp_path / "state" / "dbt" / "target" / project.PARSED
    of_commands.parent.mkdir(parents=True)
    of_commands.write_bytes(b"parsed by a command")

    def unchanged(settings: Settings, target: Path, *, server: bool, variables: dict[str, str]) -> None:
        """As dbt does where nothing has changed: it writes the manifest, and no parse."""
        assert server, "the parse of tasks belongs to their connection"
        assert variables == {"DBT_PARTIAL_PARSE_FILE_PATH": str(of_commands)}
        (target / project.MANIFEST).write_text("{}")

    monkeypatch.setattr(project, "_dbt_parse", unchanged)

    assert project.parse(settings).read_bytes() == b"parsed by a command"
    assert project.kept_manifest(settings).read_text() == "{}"
