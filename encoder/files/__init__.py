"""Files: models as dlib keeps them, and what is slow to make and therefore kept on disk."""
