"""dbt from Airflow: operators, artifacts, the owner of each model, retries that build only what is missing."""
