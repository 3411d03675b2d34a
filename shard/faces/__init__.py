"""Faces that were just seen, in memory: of a track, of a visit, of a picture that was compared."""
