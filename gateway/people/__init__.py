"""Members, their FaceIds, what they agreed to, and erasing them."""
