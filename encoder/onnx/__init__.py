"""dlib's networks in ONNX Runtime."""
