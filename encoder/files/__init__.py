"""dlib's model files, and a cache on disk for what is made of them."""
