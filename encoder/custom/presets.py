"""How the usual kinds of face networks are used, as their authors document it."""

from types import MappingProxyType
from typing import Any

PRESETS = MappingProxyType(
    {
        # InsightFace (python-package/insightface/model_zoo/arcface_onnx.py)
        "arcface": {
            "size": 112,
            "channels": "rgb",
            "mean": 127.5,
            "std": 127.5,
            "alignment": "arcface",
        },
        # AdaFace (README, "General inference guideline": BGR, ((x / 255) - .5) / .5)
        "adaface": {
            "size": 112,
            "channels": "bgr",
            "mean": 127.5,
            "std": 127.5,
            "alignment": "arcface",
        },
        # OpenCV Zoo, face_recognition_sface: cv::FaceRecognizerSF feeds RGB of 0 to 255
        "sface": {
            "size": 112,
            "channels": "rgb",
            "mean": 0,
            "std": 1,
            "alignment": "arcface",
        },
        # davidsandberg/facenet, and deepface's FaceNet512: a box with a margin
        "facenet": {
            "size": 160,
            "channels": "rgb",
            "mean": 127.5,
            "std": 128,
            "alignment": "box",
            "margin": 0.1,
        },
        # dlib's chips: 150 pixels, the ResNet's own means of 0 to 255, divided by 256
        "dlib": {
            "size": 150,
            "channels": "rgb",
            "mean": (122.782, 117.001, 104.298),
            "std": 256,
            "alignment": "dlib",
        },
    }
)
"""Fields of a manifest by the name of the preset."""


def preset(name: str) -> dict[str, Any]:
    """Return the fields of a preset. Raises KeyError when there is none of that name."""
    return dict(PRESETS[name])
