"""Takes networks and detectors of the user's own: declared consistently, and tried on faces."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from contract.errors import ConfigurationError
from encoder.admission.declaration import declared
from encoder.admission.detector_declaration import DeclaredDetector
from encoder.admission.detector_trial import DetectorTrial, try_detector
from encoder.admission.known_faces import FaceFinder, KnownPicture
from encoder.admission.trial import USUAL, FaceTrial, Trial, TrialLimits
from encoder.admission.trial_faces import Progress, TrialFace
from encoder.custom.detector import CustomDetector
from encoder.custom.manifest import ModelManifest
from encoder.custom.presets import preset
from encoder.custom.recognizer import CustomRecognizer
from encoder.files.file_cache import FileCache
from encoder.load.custom_recognizer import load_face_points
from encoder.load.hog import load_hog
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


def tried_detector(
    one: DeclaredDetector, pictures: Sequence[bytes], progress: Progress
) -> DetectorTrial:
    """Return how a detector does on pictures; those that are refused are left out.

    Raises BadRequest when they show no faces, ConfigurationError when it does not run on them.
    """
    graph = OnnxSession(one.network)
    known = _known_pictures(pictures, progress)
    try:
        return try_detector(one.manifest, lambda way: CustomDetector(way, graph), known)
    except GraphFailed as error:
        raise ConfigurationError(f"the detector does not run: {error}") from error


def _known_pictures(pictures: Sequence[bytes], progress: Progress) -> Iterator[KnownPicture]:
    cache = FileCache()
    finder = FaceFinder(load_hog(cache), load_face_points(cache))
    for number, picture in enumerate(pictures, 1):
        if (found := finder.find(picture)) is not None:
            yield found
        progress(number, len(pictures))
