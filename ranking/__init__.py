"""What deserves the person's half hour: fit, pay, client, risk, chance and value, each with its working."""
