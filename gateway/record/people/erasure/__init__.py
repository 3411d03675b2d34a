"""Erasing people, and proving that it is done."""
