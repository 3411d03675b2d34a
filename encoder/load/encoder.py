"""Loads the encoder of a backend: `onnx`, `dlib` or `face_recognition`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from contract.errors import ConfigurationError
from encoder.duty_budget import USUAL_SHARE
from encoder.files.file_cache import FileCache, default_folders
from encoder.files.model_files import (
    CNN_DETECTOR,
    LANDMARKS_5,
    LANDMARKS_68,
    RESNET,
    NetworkFile,
    model_file,
)
from encoder.interface import Encoder
from encoder.picture.limits import PictureLimits
from service.files.replaced_folder import place_of

if TYPE_CHECKING:
    from encoder.onnx.cnn import OnnxCnn
    from encoder.pipeline import Models
    from encoder.recognizer import Recognizer

Backend = Literal["onnx", "dlib", "face_recognition"]


class NetworkChoice(NamedTuple):
    """A face recognition network: where it is, as in `EncoderChoice.model`."""

    path: Path | None


@dataclass(frozen=True)
class EncoderChoice:
    """Which code computes the vectors, and from what."""

    backend: Backend = "onnx"
    model: Path | None = None
    """A file of dlib's face recognition network, or the folder of a model of the user's own; None:
    the installed network."""
    cache: Path | None = None
    """Folder that comes before the installation's and the user's for what is made once."""
    detector: Path | None = None
    """The folder of a detector of the user's own; None: dlib's."""
    providers: tuple[str, ...] = ("CPUExecutionProvider",)
    """What ONNX Runtime computes the user's networks with, the preferred one first."""
    second: NetworkChoice | None = None
    """The network that describes the same faces beside `model`; None: none does."""
    cnn_share: float = USUAL_SHARE
    """Of the time: what dlib's CNN may compute where a store's detector is `auto`."""


def load_encoder(
    choice: EncoderChoice | Backend = "onnx", limits: PictureLimits | None = None
) -> Encoder:
    """Return a loaded encoder; takes about half a second. Raises ConfigurationError.

    A backend's libraries are imported when it is chosen, so that a process that only hands pictures
    to workers stays small.
    """
    if isinstance(choice, str):
        choice = EncoderChoice(choice)
    limits = limits or PictureLimits()
    try:
        match choice.backend:
            case "onnx":
                return _onnx(choice, limits)
            case "dlib":
                return _dlib(choice, limits)
            case "face_recognition":
                return _face_recognition(choice, limits)
    except ModuleNotFoundError as missing:  # an image has what the kernels need
        reason = f"needs the package {missing.name}, which is not installed"
        raise ConfigurationError(f"the encoder {choice.backend} {reason}") from missing
    raise ConfigurationError(
        f"there is no encoder {choice.backend!r}; known are {get_args(Backend)}"
    )


def _onnx(choice: EncoderChoice, limits: PictureLimits) -> Encoder:
    from encoder.load.alignment import load_alignment
    from encoder.load.hog import load_hog
    from encoder.load.recognizer import load_resnet_recognizer
    from encoder.pipeline import Models, Pipeline

    cache = _cache(choice)
    alignment = load_alignment(NetworkFile.published(LANDMARKS_5), cache)

    def load(network: Path | None) -> Recognizer:
        if network is not None and _is_folder(network):
            from encoder.load.custom_recognizer import load_custom_recognizer

            return load_custom_recognizer(network, cache, choice.providers)
        return load_resnet_recognizer(_weights(network), alignment, cache)

    models = Models(
        load_hog(cache),
        lambda: load_cnn(cache),
        alignment,
        load(choice.model),
        cnn_share=choice.cnn_share,
    )
    if choice.second is not None:
        models = models._replace(second=load(choice.second.path))
        _refuse_the_same(models)
    if choice.detector is not None:
        from encoder.load.custom_detector import load_custom_detector

        models = models._replace(own=load_custom_detector(choice.detector, choice.providers))
    return Pipeline(models, limits)


def _refuse_the_same(models: Models) -> None:
    if models.second is not None and models.second.model == models.recognizer.model:
        raise ConfigurationError(
            f"the second model is the served one, {models.second.model!r}: name another one, or"
            " none"
        )


def load_cnn(cache: FileCache) -> OnnxCnn:
    """Return dlib's CNN detector, run by ONNX Runtime."""
    from encoder.files.network_outline import outline_of
    from encoder.onnx.cached_graph import cached_graph
    from encoder.onnx.cnn import OnnxCnn
    from encoder.onnx.session import OnnxSession

    file = NetworkFile.published(CNN_DETECTOR)
    return OnnxCnn(outline_of(file, cache), OnnxSession(cached_graph(file, cache)))


def _dlib(choice: EncoderChoice, limits: PictureLimits) -> Encoder:
    from encoder.dlib.alignment import DlibAlignment
    from encoder.dlib.cnn import DlibCnn
    from encoder.dlib.descriptor import DlibDescriptor
    from encoder.dlib.hog import DlibHog
    from encoder.pipeline import Models, Pipeline
    from encoder.resnet_recognizer import ResnetRecognizer

    _only_dlibs(choice)
    _no_second(choice)
    alignment = DlibAlignment(model_file(LANDMARKS_5))
    recognizer = ResnetRecognizer(
        DlibDescriptor(_weights(choice.model)),
        alignment,
        lambda: DlibAlignment(model_file(LANDMARKS_68)),
    )
    hog = DlibHog(_cache(choice))
    models = Models(hog, DlibCnn, alignment, recognizer, cnn_share=choice.cnn_share)
    return Pipeline(models, limits)


def _face_recognition(choice: EncoderChoice, limits: PictureLimits) -> Encoder:
    from encoder.reference.face_recognition_encoder import FaceRecognitionEncoder

    _no_detector(choice)
    _no_second(choice)
    if choice.model is not None:
        reason = "the package face_recognition has a network of its own: use another encoder"
        raise ConfigurationError(f"{choice.model} cannot be loaded: {reason}")
    return FaceRecognitionEncoder(limits)


def _only_dlibs(choice: EncoderChoice) -> None:
    _no_detector(choice)
    if choice.model is not None and _is_folder(choice.model):
        reason = "a model of one's own needs the encoder onnx"
        raise ConfigurationError(f"{choice.model} cannot be loaded: {reason}")


def _no_detector(choice: EncoderChoice) -> None:
    if choice.detector is not None:
        reason = "a detector of one's own needs the encoder onnx"
        raise ConfigurationError(f"{choice.detector} cannot be loaded: {reason}")


def _is_folder(model: Path) -> bool:
    return place_of(model).is_dir()


def _no_second(choice: EncoderChoice) -> None:
    if choice.second is not None:
        raise ConfigurationError("a second model needs the encoder onnx")


def _cache(choice: EncoderChoice) -> FileCache:
    return FileCache([choice.cache, *default_folders()] if choice.cache else ())


def _weights(network: Path | None) -> NetworkFile:
    return NetworkFile.at(network) if network else NetworkFile.published(RESNET)
