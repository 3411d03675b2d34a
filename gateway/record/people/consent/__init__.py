"""Decisions of members about their consent, in the record."""
