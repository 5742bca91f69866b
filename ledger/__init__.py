"""The books: bids, contracts, escrow, fees and clocks, folded from append-only events. Pure throughout."""
