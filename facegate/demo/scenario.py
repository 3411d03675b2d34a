"""The scenario of a demo: stores with galleries, and camera pictures with the expected answers."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from PIL import Image, ImageOps

from contract.messages.message import Match
from contract.messages.recognition import RecognizeAnswer, RecognizedFace
from contract.stores.address import Address
from facegate.client.picture_source import Picture


@dataclass(frozen=True)
class ScenarioVisit:
    """A camera picture of one person, and the answer that is expected."""

    picture: str
    content: Picture
    store: str
    person: str
    """Who it is, for people; visits of one stranger are known by it."""
    match: Match
    face_id: str | None = None
    """The FaceId to be found; None for a stranger, whose FaceId is given at the first visit."""
    home: str | None = None
    """The store that knows the person."""
    mint: bool = True
    own: bool = False
    """A picture of the user's: it may show no face, or people in the background."""

    def is_right(self, answer: RecognizeAnswer, strangers: Mapping[str, str]) -> bool:
        """Return whether the answer says who this is; `strangers` are FaceIds given so far."""
        face_id = self.face_id or strangers.get(self.person)
        faces = answer.faces if self.own else answer.faces[:1]
        if not faces:
            return self.own
        return any(self._is_shown_by(face, face_id) for face in faces)

    def _is_shown_by(self, face: RecognizedFace, face_id: str | None) -> bool:
        if face.match != self.match:
            return False
        return self.match in {"new", "unknown"} or (face.face_id, face.store) == (
            face_id,
            self.home or self.store,
        )


@dataclass(frozen=True)
class DemoScenario:
    """Galleries by store, what the stores are called, and the visits in their order."""

    galleries: Mapping[str, Path]
    names: Mapping[str, str]
    visits: Sequence[ScenarioVisit]
    with_history: bool = False
    """Whether made-up past days belong to it."""

    def write_map(self, path: Path, addresses: Mapping[str, Address]) -> None:
        """Write the stores.yaml of this scenario, each store with one shard at its address."""
        stores = {
            store: {
                "name": self.names[store],
                "shards": [str(addresses[store])],
                "gallery": str(gallery.relative_to(path.parent)),
            }
            for store, gallery in self.galleries.items()
        }
        text = yaml.safe_dump({"version": 1, "stores": stores}, allow_unicode=True, sort_keys=False)
        path.write_text("# Written by `facegate demo`, anew each time.\n" + text, encoding="utf-8")


def sample_scenario(samples: Mapping[str, bytes], folder: Path) -> DemoScenario:
    """Return the demo of the sample photographs; the galleries are written below `folder`."""
    names = {"store-a": "West Lake 西湖", "store-b": "Riverside", "store-c": "Central Station"}
    pictures = {
        "store-a": {"obama_0.jpg": "obama.jpg", "obama_1.jpg": "obama2.jpg"},  # FACEID_n.jpg
        "store-b": {"collins_0.png": "astronaut.png"},
        "store-c": {"barack/obama3.jpg": "obama3.jpg"},  # a folder for each person
    }
    for store, files in pictures.items():
        for name, sample in files.items():
            path = folder / store / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(samples[sample])
    galleries = {store: folder / store for store in pictures}
    return DemoScenario(galleries, names, _sample_visits(samples), with_history=True)


def _sample_visits(samples: Mapping[str, bytes]) -> list[ScenarioVisit]:
    astronaut, biden = samples["astronaut.png"], samples["biden.jpg"]

    def obama(picture: str, store: str, match: Match) -> ScenarioVisit:
        return ScenarioVisit(picture, samples[picture], store, "Obama", match, "obama", "store-a")

    def collins(picture: str, content: bytes, store: str, match: Match) -> ScenarioVisit:
        return ScenarioVisit(picture, content, store, "Collins", match, "collins", "store-b")

    return [
        obama("obama_partial_face.jpg", "store-a", "home"),
        obama("obama_partial_face2.jpg", "store-b", "roaming"),
        collins("astronaut, mirrored", _mirrored(astronaut), "store-b", "home"),
        collins("astronaut, smaller", _smaller(astronaut), "store-c", "roaming"),
        obama("32bit.png", "store-a", "home"),
        ScenarioVisit("biden.jpg", biden, "store-c", "Biden", "new"),
        ScenarioVisit("biden.jpg, mirrored", _mirrored(biden), "store-c", "Biden", "home"),
        # Visitors are known in their own store alone, and this picture is not to be remembered.
        ScenarioVisit("biden.jpg", biden, "store-a", "Biden", "unknown", mint=False),
    ]


def _mirrored(content: bytes) -> bytes:
    """Return the upper part, with the face, of the picture's mirror image."""
    image = ImageOps.mirror(_opened(content))
    return _saved(image.crop((0, 0, image.width, image.height * 6 // 10)))


def _smaller(content: bytes) -> bytes:
    return _saved(ImageOps.scale(_opened(content), 0.6))


def _opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content)).convert("RGB")


def _saved(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=92)
    return buffer.getvalue()
