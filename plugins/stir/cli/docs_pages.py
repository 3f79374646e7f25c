"""The pages of the documentation site: mkdocs calls the functions `on_*` (see mkdocs.yml).

The files are written to be read in the repository. Here the files of the root become pages, the nav lists every
decision, and a link to a file that is no page becomes the file's name.
"""

from __future__ import annotations

import configparser
import posixpath
import re
from pathlib import Path
from typing import Any

PROJECT_DIR = Path(__file__).resolve().parents[3]
ROOT_PAGES = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
}
"""Files of the repository's root that are pages, and their names on the site."""
DECISIONS = "decisions/"
"""The nav's entry that stands for a list of all decisions."""
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\((?!https?:|mailto:|#|/)([^)\s#]+)(#[^)\s]*)?\)")
LAYERS_FILE = PROJECT_DIR / "docs" / "architecture.md"
LAYERS_BEGIN, LAYERS_END = "<!-- layers: written by `./stir docs --write` -->\n", "<!-- end of layers -->\n"


def decisions() -> list[tuple[str, str]]:
    """Title and path of every decision record, in order."""
    files = sorted((PROJECT_DIR / "docs" / "decisions").glob("[0-9]*.md"))
    return [(path.read_text().split("\n", 1)[0].removeprefix("# "), f"decisions/{path.name}") for path in files]


def page_of(path: str) -> str | None:
    """The site's page or image for a file of the repository; None if the site has none."""
    if path in ROOT_PAGES:
        return ROOT_PAGES[path]
    if path.rstrip("/") == "docs/decisions":
        return "decisions/README.md"
    return path.removeprefix("docs/") if path.startswith("docs/") and (PROJECT_DIR / path).is_file() else None


def rewrite_links(markdown: str, source: str, page: str) -> str:
    """The text of the repository's file `source` with links that work from `page` of the site.

    A link to a file that is no page becomes the file's name. A link to nothing stays, so that `--strict` reports it.
    """

    def rewrite(match: re.Match[str]) -> str:
        mark, text, target, anchor = match.group(1), match.group(2), match.group(3), match.group(4) or ""
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
        found = page_of(path)
        if found is not None:
            return f"{mark}[{text}]({posixpath.relpath(found, posixpath.dirname(page) or '.')}{anchor})"
        if (PROJECT_DIR / path).exists():
            return text if text.startswith("`") else f"`{text}`"
        return match.group()

    return LINK.sub(rewrite, markdown)


def layers() -> list[tuple[str, str]]:
    """Every package and module of stir from the highest layer to the lowest, with the first line of its docstring."""
    rules = configparser.ConfigParser()
    rules.read(PROJECT_DIR / ".importlinter")
    found = []
    for line in rules["importlinter:contract:layers"]["layers"].split("\n"):
        for name in (part.strip() for part in line.split("|")):
            path = PROJECT_DIR / "plugins" / "stir" / name
            source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
            if name and not name.startswith(("(", "__")):
                found.append((name, source.read_text().removeprefix('"""').split("\n", 1)[0].removesuffix('"""')))
    return found


def layers_table() -> str:
    """The table of layers for docs/architecture.md."""
    rows = [f"| `{name}` | {summary} |" for name, summary in layers()]
    return "\n".join(["| part of `plugins/stir` | what it does |", "|---|---|", *rows]) + "\n"


def with_layers(page: str) -> str:
    """The architecture page with the current table between its two marks."""
    head, rest = page.split(LAYERS_BEGIN, 1)
    return f"{head}{LAYERS_BEGIN}\n{layers_table()}\n{LAYERS_END}{rest.split(LAYERS_END, 1)[1]}"


def unlisted(nav: Any) -> list[str]:
    """Pages of docs/ that the nav does not name."""
    named = str(nav)
    return [path.name for path in sorted((PROJECT_DIR / "docs").glob("*.md")) if f"'{path.name}'" not in named]


def on_config(config: Any) -> Any:
    """Put every decision into the nav, and every page that has no place yet among the guides."""
    guides: list[Any] = next((entry["Guides"] for entry in config.nav if "Guides" in entry), [])
    guides.extend(unlisted(config.nav))
    for entry in config.nav:
        if isinstance(entry, dict) and DECISIONS in entry.values():
            entry.update(
                {title: ["decisions/README.md", *({name: path} for name, path in decisions())] for title in entry}
            )
    return config


def on_files(files: Any, config: Any) -> Any:
    """Add the files of the repository's root as pages."""
    from mkdocs.structure.files import File

    for source, page in ROOT_PAGES.items():
        files.append(File.generated(config, page, content=(PROJECT_DIR / source).read_text()))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """Make the links of a page work on the site; the page of decisions lists them all."""
    path = page.file.src_uri
    source = next((source for source, name in ROOT_PAGES.items() if name == path), f"docs/{path}")
    if path == "decisions/README.md":
        markdown += "\n" + "".join(f"- [{title}]({posixpath.basename(name)})\n" for title, name in decisions())
    return rewrite_links(markdown, source, path)
