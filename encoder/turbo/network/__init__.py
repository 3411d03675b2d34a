"""dlib's face network, compiled."""
