"""From a folder of people to encoded photographs, in worker processes."""

import asyncio
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from contract.deadline import Deadline
from contract.errors import BadRequest, PictureError
from contract.pictures.folder import pictures_in
from encoder import AsyncEncoder, EncoderChoice, EncoderPool, Face
from encoder.custom.model_folder import read_manifest
from facegate.evaluation.photographs import Photographs
from service.files.replaced_folder import read_whole

PICTURE_SECONDS = 60.0
"""Seconds for one picture, the wait for a worker included."""

Progress = Callable[[int, int], None]
"""Called with the pictures that are done and the pictures in all."""
Choose = Callable[[list[Face]], Face | None]
"""Returns the face of a picture that counts; None when there is none."""


class Portrait(NamedTuple):
    """A picture of a person."""

    person: str
    path: Path


class Encoded(NamedTuple):
    """The photographs with a face, and how many pictures were left out."""

    photographs: Photographs
    without_face: int
    refused: int


def declared_model(folder: Path) -> str:
    """Return what the vectors are called of the network in a folder. Raises ConfigurationError."""
    return read_whole(folder, read_manifest).model


def portraits_in(folder: Path) -> list[Portrait]:
    """Return the pictures of each person: those in the folder of that name.

    Raises BadRequest when there are no folders with pictures.
    """
    found = [
        Portrait(relative.parts[0], path)
        for relative, path in pictures_in(folder)
        if len(relative.parts) > 1
    ]
    if not found:
        raise BadRequest(f"{folder} has no folders with pictures: one folder a person is expected")
    return found


def largest(faces: list[Face]) -> Face | None:
    """Return the largest face, the first one, if there is any."""
    return faces[0] if faces else None


def only(faces: list[Face]) -> Face | None:
    """Return the face of a picture that shows one face: beside others it may be a passer-by."""
    return faces[0] if len(faces) == 1 else None


def encode(
    portraits: list[Portrait],
    progress: Progress,
    choose: Choose = largest,
    model: Path | None = None,
) -> Encoded:
    """Encode one face of each picture on every core, with the network in the folder `model`.

    Without one it is the installed network. Raises ConfigurationError.
    """
    encoder = EncoderPool(EncoderChoice(model=model), workers=_cores(), queue=_cores())
    return asyncio.run(_encode(encoder, portraits, progress, choose))


async def _encode(
    encoder: AsyncEncoder, portraits: list[Portrait], progress: Progress, choose: Choose
) -> Encoded:
    faces: dict[Portrait, Face | PictureError | None] = {}
    waiting = iter(portraits)

    async def work() -> None:
        for portrait in waiting:
            faces[portrait] = await _face_of(encoder, portrait, choose)
            progress(len(faces), len(portraits))

    try:
        await encoder.start()
        async with asyncio.TaskGroup() as tasks:
            for _ in range(2 * _cores()):
                tasks.create_task(work())
        model = encoder.model
    finally:
        await encoder.close()
    return Encoded(
        _photographs(((portrait, faces[portrait]) for portrait in portraits), model),
        without_face=sum(face is None for face in faces.values()),
        refused=sum(isinstance(face, PictureError) for face in faces.values()),
    )


async def _face_of(
    encoder: AsyncEncoder, portrait: Portrait, choose: Choose
) -> Face | PictureError | None:
    picture = await asyncio.to_thread(portrait.path.read_bytes)
    try:
        faces = await encoder.encode(picture, Deadline(PICTURE_SECONDS), to_enroll=True)
    except PictureError as error:
        return error
    return choose(faces)


def _photographs(
    faces: Iterable[tuple[Portrait, Face | PictureError | None]], model: str
) -> Photographs:
    seen = [(portrait.person, face) for portrait, face in faces if isinstance(face, Face)]
    if not seen:
        raise BadRequest("no face was found in any picture")
    people = sorted({person for person, _ in seen})
    number = {person: place for place, person in enumerate(people)}
    seen.sort(key=lambda one: number[one[0]])
    return Photographs(
        people=tuple(people),
        person=np.array([number[person] for person, _ in seen], np.intp),
        vectors=np.stack([face.vector for _, face in seen]),
        templates=np.stack([face.to_enroll for _, face in seen]),
        plain=np.stack([_plain(face) for _, face in seen]),
        model=model,
    )


def _plain(face: Face) -> NDArray[np.float32]:
    assert face.plain is not None  # every encoder shows it
    return face.plain


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
