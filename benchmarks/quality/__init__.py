"""How right the readings are, on strings of real posts that a person labelled."""
