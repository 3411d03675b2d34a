"""Keys in the record."""
