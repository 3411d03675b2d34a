"""The tables of the directory in PostgreSQL, and what they are asked and told."""
