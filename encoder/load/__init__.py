"""Chooses the parts of an encoder: the compiled kernels, ONNX Runtime or dlib itself."""
