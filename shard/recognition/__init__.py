"""Who is in a picture, from one frame or several."""
