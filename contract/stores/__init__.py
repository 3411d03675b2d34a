"""Which stores there are: the store map, its file, and what it may hold."""
