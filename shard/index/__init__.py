"""A store's faces in memory: the index that is searched, kept equal to the gallery."""
