"""The steps of the daily job as plain functions of a :class:`bidwright.desk.Desk`; flows only call them."""
