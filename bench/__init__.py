"""Reproducible benchmarks: `make bench`. Figures are ratios taken in one run on one machine."""
