"""dlib's own detectors, alignment and network: the backend `dlib`."""
