"""A cluster on one machine: its processes, their supervision, and edits of its store map."""
