"""Speed as ratios against leaner alternatives in the same run, and quality against labelled strings of real posts.

``make bench`` writes ``RESULTS.md``.
"""
