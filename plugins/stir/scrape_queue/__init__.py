"""The crawler's queue in beat's database: what triggers ask and workers answer."""
