"""Vectors that are encrypted in the gallery, where the process has a key."""
