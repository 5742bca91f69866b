"""How right the readings are, on real posts that people labelled; only digests of those posts are kept here."""
