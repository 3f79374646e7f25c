"""The crawler's queue in beat's database: triggers add requests, and workers answer them."""
