"""What the benchmarks compare: contenders, each in a process of its own, and their meters."""
