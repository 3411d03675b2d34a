"""Face networks of the user's own, aligned as their manifests say and run by ONNX Runtime."""
