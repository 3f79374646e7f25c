"""The documentation site: every link leads somewhere, and what it repeats of the code is current."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from stir.cli import collect_page
from stir.cli.docs import build_pages
from stir.cli.docs_pages import LAYERS_FILE, decisions, layers, rewrite_links, with_layers
from stir.errors import StirError
from stir.scrape_queue.flows import FLOWS
from stir.settings import PROJECT_DIR


def test_the_site_builds_without_a_warning_and_lists_every_decision(tmp_path: Path) -> None:
    build_pages(tmp_path / "site")

    index = (tmp_path / "site" / "decisions" / "index.html").read_text()
    for title, path in decisions():
        assert f'href="{Path(path).stem}/"' in index, title
    pages = "\n".join(path.read_text() for path in (tmp_path / "site").rglob("*.html"))
    fetched = re.findall(r'<(?:script|img|link|iframe)[^>]*(?:src|href)="?((?:https?:)?//[^" >]+)', pages)
    assert fetched == []


def test_a_link_to_nothing_and_a_missing_heading_are_reported(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text("# One\n\n[a](nothing.md) [b](#nowhere) [c](#one)\n")
    settings = (PROJECT_DIR / "mkdocs.yml").read_text()
    validation = settings[settings.index("validation:") : settings.index("\nnav:\n")]
    (tmp_path / "mkdocs.yml").write_text(f"site_name: broken\n{validation}")

    with pytest.raises(StirError) as refused:
        build_pages(tmp_path / "site", tmp_path / "mkdocs.yml")

    assert "'nothing.md'" in refused.value.line
    assert "'#nowhere'" in refused.value.line
    assert "#one" not in refused.value.line


def test_links_are_rewritten_for_the_site() -> None:
    def rewritten(markdown: str, source: str = "README.md", page: str = "index.md") -> str:
        return rewrite_links(markdown, source, page)

    assert rewritten("[a](docs/airflow.md#roles)") == "[a](airflow.md#roles)"
    assert rewritten("![a](docs/images/architecture.svg)") == "![a](images/architecture.svg)"
    assert rewritten("[a](docs/decisions)") == "[a](decisions/README.md)"
    assert rewritten("[a](../../README.md)", "docs/decisions/0001-x.md", "decisions/0001-x.md") == "[a](../index.md)"
    assert rewritten("[stir](plugins/stir)") == "`stir`"
    assert rewritten("[`settings`](plugins/stir/settings.py)") == "`settings`"
    assert rewritten("[a](docs/nothing.md)") == "[a](docs/nothing.md)"
    assert rewritten("[a](https://example.org/x)") == "[a](https://example.org/x)"


def test_the_architecture_page_lists_the_layers_as_they_are() -> None:
    page = LAYERS_FILE.read_text()

    assert page == with_layers(page), "run `./stir docs --write`"


def test_the_page_of_the_collector_lists_every_flow_as_it_is() -> None:
    page = collect_page.FILE.read_text()

    assert page == collect_page.with_flows(page), "run `./stir docs --write`"
    assert all(f"| `{flow}` |" in page for flow in FLOWS)


def test_the_list_of_layers_names_every_package() -> None:
    listed = {name for name, _ in layers()}
    found = {path.parent.name for path in (PROJECT_DIR / "plugins" / "stir").glob("*/__init__.py")}

    assert found <= listed


def test_the_readme_describes_every_folder_and_no_other() -> None:
    listing = subprocess.run(["git", "ls-files"], cwd=PROJECT_DIR, capture_output=True, text=True, check=True)
    folders = {line.split("/")[0] for line in listing.stdout.splitlines() if "/" in line and not line.startswith(".")}
    table = (PROJECT_DIR / "README.md").read_text().split("## Where things live", 1)[1].split("\n## ", 1)[0]
    described = {match.group(1) for match in re.finditer(r"^\| `([^`]+)/` \|", table, re.MULTILINE)}

    assert described - {".stir"} == folders
