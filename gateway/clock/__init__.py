"""Clocks: the record's, the stores', and the one by which things expire."""
