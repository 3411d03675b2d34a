"""The directory of a chain: what it says of itself, and what it is told."""
