"""Runs dbt: Airflow operators, artifacts, model ownership, and retries that build only missing models."""
