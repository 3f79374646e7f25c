"""Benchmarks, which print ratios of one run: `./stir bench` lists them."""
