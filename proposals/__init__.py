"""Proposals: what a post asks, drafts made from facts, and the checks before one is sent by the person."""
