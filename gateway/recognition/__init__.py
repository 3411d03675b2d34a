"""From a camera's picture to who is standing there, and searches by picture."""
