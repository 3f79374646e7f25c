"""Request each store's orders that changed since the newest one we know, page by page.

Who depends on it: `dbt_orders` and with it the orders of collection reports.
When it fails: nothing is lost: the watermark is the newest order that arrived, and the next request starts there.
The log of `enqueue` ends with the reason; the next run decides again, so late clearing loses nothing.
"""

from datetime import timedelta

from airflow.sdk import DAG

from stir.dags.trigger import trigger_dag
from stir.triggers.spec import TriggerSpec, Window

dag: DAG = trigger_dag(
    "sync_shopify_orders",
    category="operations",
    schedule="28 */4 * * *",
    owner="campaigns",
    tier=1,
    tags=["scrape", "orders"],
    doc=__doc__,
    spec=TriggerSpec(
        candidates="shop_stores",
        flow="refresh_orders_by_store",
        priority=3,
        limit=500,
        window=Window(every=timedelta(hours=4), per="updated_at_min"),
        params=("updated_at_min",),
        constants={"limit": 250, "paging": "cursor"},
    ),
)
