"""Speed as ratios against leaner alternatives in the same run, and quality against labels that people made.

``make bench`` writes ``RESULTS.md``.
"""
