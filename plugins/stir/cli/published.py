"""Names of published tables as command arguments: the spec's name or the table's name in PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from stir.publish import PublishSpec


class PublishedTable(click.ParamType["PublishSpec"]):
    """Converts a name into a published table's spec, and completes names in a shell."""

    name = "published table"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> PublishSpec:
        """Raises:
        StirError: no table is published under that name.
        """
        from stir.publish import PublishSpec, find_spec

        return value if isinstance(value, PublishSpec) else find_spec(str(value))

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from stir.publish.tables import names_of_specs

        return [
            CompletionItem(name, help=f"{spec.schema}.{spec.table}")
            for name, spec in names_of_specs().items()
            if name.startswith(incomplete)
        ]

    def get_missing_message(self, param: click.Parameter, ctx: click.Context | None) -> str:
        from stir.publish.tables import listed

        return f"Name one of: {listed()}."


class NamesTables(click.Command):
    """A command whose help ends with the published tables."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from stir.publish import SPECS

        with formatter.section("Published tables, by either name"):
            formatter.write_dl([(spec.name, f"{spec.schema}.{spec.table}") for spec in SPECS.values()])
