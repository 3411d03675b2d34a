"""Delivering to shards what was decided about people."""
