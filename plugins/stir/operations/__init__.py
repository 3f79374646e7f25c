"""What keeps the application and the machinery in order: campaign rules, freshness, retention of storage."""
