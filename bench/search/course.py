"""The course's service for vectors: Flask, and one search of a Flat index a request.

`python -m bench.search.course PORT VECTORS.npy` answers `POST /search` with who is nearest.
"""

import sys

import faiss
import numpy as np
from flask import Flask, Response, jsonify, request

from bench.search.names import name_of
from contract.vectors import Vectors


def create_app(vectors: Vectors) -> Flask:
    """Return the service that knows these vectors, (n, d)."""
    app = Flask(__name__)
    index = faiss.IndexFlatL2(vectors.shape[1])
    index.add(vectors)

    @app.post("/search")
    def search() -> Response:
        probe = np.frombuffer(request.get_data(), np.float32)[None, :]
        distances, rows = index.search(probe, 1)
        return jsonify({"name": name_of(int(rows[0][0])), "distance": float(distances[0][0])})

    return app


if __name__ == "__main__":
    create_app(np.load(sys.argv[2])).run(port=int(sys.argv[1]), threaded=True)
