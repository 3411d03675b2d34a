"""dlib's HOG face detector, compiled."""
