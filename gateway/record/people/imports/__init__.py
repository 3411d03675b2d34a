"""Imports that run as jobs, in the record: what was sent, how far they are, how to undo them."""
