"""Speed as ratios against leaner alternatives in the same run. ``make bench`` writes ``RESULTS.md``."""
