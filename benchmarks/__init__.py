"""Speed as ratios against leaner alternatives in the same run, and quality against labelled real strings.

``make bench`` writes ``RESULTS.md``.
"""
