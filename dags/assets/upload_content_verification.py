"""Queue one comparison of content for each reviewed version of a submission, in campaigns that ask for it.

Who depends on it: the content matcher takes its work from `ops.outbox`; reviewers see its verdict.
When it fails: reviews stand unchecked until the next good run. A version is queued once, with its message or not at
all.
"""

from airflow.sdk import DAG

from stir.dags.operations import rule_dag

dag: DAG = rule_dag(
    "upload_content_verification",
    category="assets",
    schedule="19 */3 * * *",
    owner="campaigns",
    tier=2,
    tags=["asset", "verification"],
    doc=__doc__,
)
