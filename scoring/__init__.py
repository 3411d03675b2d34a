"""Scores: how alike two faces are, and how alike they have to be."""
