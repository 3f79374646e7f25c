"""Airflow's processes on this machine: configuration, start, its API."""
