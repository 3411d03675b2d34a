"""A store's faces on disk, in SQLite."""
