"""The package face_recognition as an encoder: what the other backends are compared with."""
