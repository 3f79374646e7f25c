"""From S3 into PostgreSQL: by stream or by ssh, then indexes."""
