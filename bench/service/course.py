"""The course's service: Flask, face_recognition, Faiss, as its users write it.

`python -m bench.service.course PORT FOLDER` knows the people of a folder of pictures. It counts no
visits, asks no other store, and keeps nothing.
"""

import io
import sys
from pathlib import Path

import faiss
import numpy as np
from flask import Flask, Response, jsonify, request

from encoder.picture.limits import PictureLimits
from encoder.reference.face_recognition_encoder import FaceRecognitionEncoder

TOLERANCE = 0.6
"""face_recognition's own."""


def create_app(folder: Path) -> Flask:
    """Return the service that knows who is in `folder`."""
    app = Flask(__name__)
    index = faiss.IndexFlatL2(128)
    names: list[str] = []
    for file in sorted(folder.iterdir()):
        for vector in _encodings(file.read_bytes())[:1]:
            index.add(np.array([vector], np.float32))
            names.append(file.name.partition("_")[0])

    @app.post("/recognize")
    def recognize() -> Response:
        faces = []
        for vector in _encodings(request.get_data()):
            distances, rows = index.search(np.array([vector], np.float32), 1)
            known = distances[0][0] ** 0.5 <= TOLERANCE
            faces.append({"name": names[rows[0][0]] if known else None})
        return jsonify({"faces": faces})

    return app


def _encodings(jpeg: bytes) -> list[np.ndarray[tuple[int], np.dtype[np.float64]]]:
    import face_recognition

    picture = face_recognition.load_image_file(io.BytesIO(jpeg))
    boxes = face_recognition.face_locations(picture)
    vectors: list[np.ndarray[tuple[int], np.dtype[np.float64]]] = face_recognition.face_encodings(
        picture, boxes
    )
    return vectors


if __name__ == "__main__":
    FaceRecognitionEncoder(PictureLimits())  # makes the package importable
    create_app(Path(sys.argv[2])).run(port=int(sys.argv[1]), threaded=True)
