"""Benchmarks: ratios against a named baseline, measured in one run, as medians. `make bench` runs all."""
