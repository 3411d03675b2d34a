"""Footfall: how many came, when, and from where."""
