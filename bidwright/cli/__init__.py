"""The command line: each module parses and prints; the work is done in the steps."""
