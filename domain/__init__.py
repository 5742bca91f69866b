"""Values and pure rules that every other package shares. Imports the standard library only."""
