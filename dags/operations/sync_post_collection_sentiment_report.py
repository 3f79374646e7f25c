"""Queue a sentiment report for each post collection that has new comments, of partners that have such reports.

Who depends on it: the report maker takes its work from `ops.report_job`.
When it fails: reports come later. A report is queued once per collection and newest comment, so running it again is
harmless.
"""

from airflow.sdk import DAG

from stir.dags.operations import rule_dag

dag: DAG = rule_dag(
    "sync_post_collection_sentiment_report",
    category="operations",
    schedule="41 */3 * * *",
    owner="campaigns",
    tier=2,
    tags=["report", "outbox"],
    doc=__doc__,
)
