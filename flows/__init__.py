"""Prefect flows and tasks: thin wrappers round the steps, no decisions."""
