"""Files that several processes use: locks, SQLite, files that are still in their place."""
