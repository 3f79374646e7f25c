"""Shop orders and the campaign links that they came through (tag `orders`).

Who depends on it: campaign reports and payouts by revenue read `mart_attributed_order`.
When it fails: yesterday's orders are missing from reports until it has run. Orders themselves are not lost: the next
run reads on from the same watermark. The log of `build` names the failed models.
"""

from datetime import timedelta

from airflow.sdk import DAG

from stir.dags.transform import TransformSpec, transform_dag

dag: DAG = transform_dag(
    "dbt_orders",
    schedule="30 0 * * *",
    owner="campaigns",
    tier=2,
    tags=["orders"],
    doc=__doc__,
    spec=TransformSpec(cadence="orders", timeout=timedelta(minutes=90)),
)
