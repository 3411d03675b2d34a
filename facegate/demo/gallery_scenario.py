"""A demo of the user's own pictures: a folder for each store, named as imports name pictures.

Some pictures are held out of the galleries, to be posted as camera pictures: of people with two or
more pictures one, at home and at the next store; of one person in each store all.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Literal

from contract.errors import BadRequest, ConfigurationError
from contract.pictures.folder import pictures_in
from contract.pictures.naming import face_id_of
from facegate.demo.scenario import DemoScenario, ScenarioVisit

MAX_STORES = 8
"""Each store is a process of its own here."""
PEOPLE = 2
"""How many people of each store are posted, besides one stranger."""

People = Mapping[str, list[PurePosixPath]]
"""The pictures of each FaceId, relative to the store's folder."""


def gallery_scenario(gallery: Path, folder: Path) -> DemoScenario:
    """Return the demo of the pictures in `gallery`; links to them are made below `folder`.

    Raises ConfigurationError when `gallery` is not a folder of folders with pictures.
    """
    stores = _stores(gallery)
    shown_in = Counter(face_id for people in stores.values() for face_id in people)
    visits: list[ScenarioVisit] = []
    for index, (store, people) in enumerate(stores.items()):
        alone = [face_id for face_id in people if shown_in[face_id] == 1]
        following = list(stores)[(index + 1) % len(stores)]
        chosen = _Choice(gallery, store, people, alone)
        visits += chosen.visits(following)
        _link(gallery / store, folder / store, people, chosen.held_out)
    galleries = {store: folder / store for store in stores}
    return DemoScenario(galleries, {store: store for store in stores}, visits)


class _Choice:
    """Who of a store is posted; `alone` are the people that no other store has as well."""

    def __init__(self, gallery: Path, store: str, people: People, alone: list[str]) -> None:
        self._folder = gallery / store
        self._store = store
        self._people = people
        self._alone = alone
        several = [face_id for face_id in people if len(people[face_id]) > 1]
        self._posted = (several or list(people))[:PEOPLE]
        strangers = [face_id for face_id in alone if face_id not in self._posted]
        self._stranger = strangers[-1] if len(people) >= 3 and strangers else None

    @property
    def held_out(self) -> set[PurePosixPath]:
        """The pictures that are not imported."""
        last = {self._people[who][-1] for who in self._posted if len(self._people[who]) > 1}
        return last | set(self._people[self._stranger] if self._stranger is not None else ())

    def visits(self, following: str) -> Iterator[ScenarioVisit]:
        """Yield the visits of this store's people, here and at the store `following`."""
        for who in self._posted:
            yield self._visit(who, self._store, "home")
            if who in self._alone and following != self._store:
                yield self._visit(who, following, "roaming")
        if self._stranger is not None:
            picture = self._people[self._stranger][-1]
            path = self._folder / picture
            yield ScenarioVisit(picture.name, path, self._store, self._stranger, "new", own=True)

    def _visit(self, who: str, store: str, match: Literal["home", "roaming"]) -> ScenarioVisit:
        picture = self._people[who][-1]
        path = self._folder / picture
        return ScenarioVisit(picture.name, path, store, who, match, who, self._store, own=True)


def _stores(gallery: Path) -> dict[str, People]:
    if not gallery.is_dir():
        raise ConfigurationError(f"{gallery}: not a folder; the demo wants a folder for each store")
    folders = sorted(path for path in gallery.iterdir() if path.is_dir() and path.name[0] != ".")
    if not 1 <= len(folders) <= MAX_STORES:
        raise ConfigurationError(
            f"{gallery}: {len(folders)} folders; the demo wants 1 to {MAX_STORES}, one for each"
            " store, with pictures in them named FACEID_n.jpg or in a folder for each person"
        )
    stores = {path.name: _people(path) for path in folders}
    for store, people in stores.items():
        if not people:
            raise ConfigurationError(f"{gallery / store}: no pictures that name a FaceId")
    return stores


def _people(folder: Path) -> People:
    people: defaultdict[str, list[PurePosixPath]] = defaultdict(list)
    for relative, _ in pictures_in(folder):
        try:
            people[face_id_of(relative)].append(relative)
        except BadRequest:
            continue
    return dict(people)


def _link(source: Path, target: Path, people: People, held_out: set[PurePosixPath]) -> None:
    target.mkdir(parents=True)
    for pictures in people.values():
        for picture in pictures:
            if picture not in held_out:
                link = target / picture
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to((source / picture).resolve())
