"""The table of flows in docs/collect.md, from the flow table itself."""

from __future__ import annotations

from stir.collector.flows import PLANS, Sources
from stir.collector.settings import CollectorSettings
from stir.scrape_queue.flows import FLOWS
from stir.settings import PROJECT_DIR

FILE = PROJECT_DIR / "docs" / "collect.md"
BEGIN, END = "<!-- flows: written by `./stir docs --write` -->\n", "<!-- end of flows -->\n"


def flows_table() -> str:
    """Every flow of the queue: what it asks about, its sources in order, what that costs, and what it writes."""
    sources = Sources.of(CollectorSettings(_env_file=None, collect_providers=None), lambda key, content, kind: "")
    rows = ["| flow | asks by | sources in order | a request costs | writes to |", "|---|---|---|---|---|"]
    for name, flow in FLOWS.items():
        plan = PLANS[name]
        steps = [step.source for step in plan.steps(sources)] if plan.steps else []
        shown = ", ".join(f"`{each}`" for each in dict.fromkeys(steps)) or f"refused: {plan.refused}"
        writes = ", ".join(f"`{each}`" for each in plan.writes)
        rows.append(f"| `{name}` | `{flow.entity}` | {shown} | {plan.cost} | {writes} |")
    return "\n".join(rows) + "\n"


def with_flows(page: str) -> str:
    """The page with the current table between its two marks."""
    head, rest = page.split(BEGIN, 1)
    return f"{head}{BEGIN}\n{flows_table()}\n{END}{rest.split(END, 1)[1]}"
