"""How right the readings are, on labelled strings of real posts."""
