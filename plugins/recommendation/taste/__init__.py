"""Whom a catalogue's items please: texts, choices, factors, and the ranking that comes of them."""
