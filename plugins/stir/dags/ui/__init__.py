"""Additional pages in Airflow's web server, and the links that lead to them."""
