"""Small networks for the tests, and manifests for them."""

import hashlib
from typing import Any

from encoder.custom.manifest import ModelManifest
from encoder.custom.presets import preset


def manifest_of(network: bytes, **others: Any) -> ModelManifest:
    """Return a manifest for the bytes of a network, by the preset arcface but for `others`."""
    fields = {
        "name": "small",
        "digest": hashlib.sha256(network).hexdigest(),
        "input": "input",
        "output": "output",
        "layout": "nchw",
        "dimension": 64,
        **preset("arcface"),
        **others,
    }
    return ModelManifest.model_validate(fields)
