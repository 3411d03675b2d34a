"""The face networks of the user's own: which there are, and how one is added."""
