"""Queue each missing report of a keyword collection, once.

Who depends on it: the report maker takes its work from `ops.report_job`.
When it fails: reports come later. A report is queued once per collection and end of its data, so running it again is
harmless.
"""

from airflow.sdk import DAG

from stir.dags.operations import rule_dag

dag: DAG = rule_dag(
    "sync_keyword_collection_report",
    category="operations",
    schedule="46 */3 * * *",
    owner="campaigns",
    tier=2,
    tags=["report", "outbox"],
    doc=__doc__,
)
