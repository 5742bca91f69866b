"""Settings, wiring, the steps of the daily job as plain functions, and the command line."""
