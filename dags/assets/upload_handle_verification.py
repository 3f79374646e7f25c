"""Compare who submitted a post with its scraped owner, and record the verdict with its evidence.

Who depends on it: reviewers see the verdict beside a submission.
When it fails: submissions wait for their verdict. A post that is not scraped yet gets none and is looked at again by
each run.
"""

from airflow.sdk import DAG

from stir.dags.operations import rule_dag

dag: DAG = rule_dag(
    "upload_handle_verification",
    category="assets",
    schedule="31 * * * *",
    owner="campaigns",
    tier=2,
    tags=["verification", "campaign"],
    doc=__doc__,
)
