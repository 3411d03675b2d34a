"""Takes a network of the user's own: declared without contradiction, and tried on faces."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from contract.errors import ConfigurationError
from encoder.admission.declaration import declared
from encoder.admission.trial import USUAL, FaceTrial, Trial, TrialLimits
from encoder.admission.trial_faces import TrialFace
from encoder.custom.manifest import ModelManifest
from encoder.custom.presets import preset
from encoder.custom.recognizer import CustomRecognizer
from encoder.files.file_cache import FileCache
from encoder.load.custom_recognizer import load_face_points
from encoder.onnx.session import GraphFailed, OnnxSession
from encoder.onnx.tuning import tuned_graph


class DeclaredNetwork(NamedTuple):
    """A network that may become a model: the file to keep, and what is declared of it."""

    manifest: ModelManifest
    network: bytes


def declared_network(file: bytes, kind: str, given: Mapping[str, Any]) -> DeclaredNetwork:
    """Return a network by the preset `kind` and the fields of its manifest that are given.

    Raises ConfigurationError when the file is none, or contradicts what is declared.
    """
    network = tuned_graph(file, given.get("size", preset(kind)["size"]))
    return DeclaredNetwork(declared(network, kind, given), network)


def tried(one: DeclaredNetwork, faces: Sequence[TrialFace], limits: TrialLimits = USUAL) -> Trial:
    """Return how a network does on faces.

    Raises BadRequest when there are too few, ConfigurationError when it gives what is no vector.
    """
    points = load_face_points(FileCache())
    graph = OnnxSession(one.network, one.manifest.output)
    tester = FaceTrial(lambda manifest: CustomRecognizer(manifest, graph, points), faces, limits)
    try:
        return tester.run(one.manifest)
    except GraphFailed as error:
        raise ConfigurationError(
            f"the network does not run on several pictures: {error}"
        ) from error
