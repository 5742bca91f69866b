"""One module per revision, oldest first by name. A released one is never edited."""
