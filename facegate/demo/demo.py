"""Post a demo's camera pictures through the gateway and say whether each was recognised rightly."""

import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

from contract.errors import ConfigurationError
from contract.messages.message import Match
from contract.messages.recognition import RecognizeAnswer
from facegate.client.api_error import ApiError
from facegate.client.client import Client
from facegate.client.folder_import import ABOUT_THE_PICTURE, Progress, import_folder
from facegate.client.imported_picture import ImportedPicture
from facegate.cluster.data_folder import lock_folder
from facegate.demo.scenario import DemoScenario, ScenarioVisit
from facegate.output.recognition_table import RecognitionTable

MARKER = ".facegate-demo"
FOLLOW_SECONDS = 15.0
"""Replicas follow an import within about a second."""

_SUMMED: tuple[Match, ...] = ("home", "roaming", "new", "unknown")
"""What single pictures can be: without a track nobody is `pending`."""


class DemoResult:
    """The table, the counts and the mistakes of a demo."""

    def __init__(self) -> None:
        self.table = RecognitionTable("Camera pictures, as the gateway answered")
        self.mistakes: list[str] = []
        self._counts: Counter[Match] = Counter()
        self._strangers: dict[str, str] = {}

    def add(self, visit: ScenarioVisit, answer: RecognizeAnswer) -> None:
        """Judge one answer."""
        right = visit.is_right(answer, self._strangers)
        self.table.add(visit.picture, answer, "" if right else "wrong")
        self._counts.update(face.match for face in answer.faces)
        for face in answer.faces[:1]:
            if visit.match == face.match == "new" and face.face_id is not None:
                self._strangers[visit.person] = face.face_id
        if not right:
            self.mistakes.append(self._mistake(visit, answer))

    def add_refusal(self, visit: ScenarioVisit, error: ApiError) -> None:
        """Note a picture that the cluster does not take; of the user's own that is no mistake."""
        self.table.add_error(visit.picture, visit.store, str(error))
        if not visit.own:
            self.mistakes.append(f"{visit.picture} at {visit.store}: {error}")

    @property
    def summary(self) -> str:
        """One line that scripts can rely on."""
        counts = ", ".join(f"{match} {self._counts[match]}" for match in _SUMMED)
        return f"demo: {counts}"

    def _mistake(self, visit: ScenarioVisit, answer: RecognizeAnswer) -> str:
        known = visit.face_id or self._strangers.get(visit.person, "")
        expected = f"{visit.match} {known if visit.match in {'home', 'roaming'} else ''}".strip()
        found = [f"{face.match} {face.face_id or ''}".strip() for face in answer.faces]
        return (
            f"{visit.picture} at {visit.store} shows {visit.person}: expected {expected},"
            f" got {', '.join(found) or 'no face'}"
        )


def post_visits(client: Client, visits: Iterable[ScenarioVisit]) -> DemoResult:
    """Post the visits one after the other, as they happened."""
    result = DemoResult()
    for visit in visits:
        try:
            answer = client.recognize(visit.store, visit.content, mint=visit.mint, camera="door")
        except ApiError as error:
            if error.status not in ABOUT_THE_PICTURE:
                raise
            result.add_refusal(visit, error)
        else:
            result.add(visit, answer)
    return result


def recognizable_visits(
    client: Client, scenario: DemoScenario
) -> tuple[list[ScenarioVisit], list[str]]:
    """Return the visits of people whose gallery pictures were usable, and remarks on the others."""
    known = {store: {face.face_id for face in client.faces(store)} for store in scenario.galleries}
    visits, remarks = [], []
    for visit in scenario.visits:
        if visit.face_id is None or visit.face_id in known[visit.home or visit.store]:
            visits.append(visit)
        else:
            remarks.append(f"{visit.person} is not posted: no gallery picture of theirs was usable")
    return visits, list(dict.fromkeys(remarks))


def refused_pictures(client: Client, stores: Iterable[str]) -> list[str]:
    """Return the names of the gallery pictures that were left out, with the reasons."""
    return [
        f"{source.source} is left out: {source.reason}"
        for store in stores
        for source in client.sources(store)
        if source.outcome == "refused"
    ]


def require_stores(client: Client, scenario: DemoScenario) -> None:
    """Raise ConfigurationError unless the cluster has every store of the demo."""
    present = {store.store for store in client.stores()}
    missing = sorted(scenario.galleries.keys() - present)
    if missing:
        raise ConfigurationError(
            f"{client.url}: its map has no {', '.join(missing)}; the demo needs them"
        )


def forget_strangers(client: Client, visits: Iterable[ScenarioVisit]) -> None:
    """Erase the visitors that an earlier demo left in this cluster, so that they are new again."""
    for visit in visits:
        if visit.match in {"new", "unknown"}:
            answer = client.recognize(visit.store, visit.content, mint=False)
            for face in answer.faces:
                if face.match == "home" and face.kind == "visitor" and face.face_id is not None:
                    client.forget(visit.store, face.face_id)


def import_galleries(
    client: Client, scenario: DemoScenario, progress: Callable[[str], Progress]
) -> None:
    """Import the galleries, and return when every replica knows them.

    Raises ConfigurationError when a replica does not follow.
    """
    for store, gallery in scenario.galleries.items():
        results = import_folder(client, store, gallery, progress(store))
        _wait_followed(client, store, results)


def _wait_followed(client: Client, store: str, results: Iterable[ImportedPicture]) -> None:
    stored = sum(result.outcome in {"enrolled", "replaced", "unchanged"} for result in results)
    deadline = time.monotonic() + FOLLOW_SECONDS
    while not _all_have(client, store, stored):
        if time.monotonic() > deadline:
            raise ConfigurationError(f"{store}: not every replica has the {stored} pictures yet")
        time.sleep(0.2)


def _all_have(client: Client, store: str, templates: int) -> bool:
    replicas = [
        replica
        for status in client.cluster().stores
        if status.store == store
        for replica in status.replicas
    ]
    return all(
        replica.status is not None and replica.status.counts.templates >= templates
        for replica in replicas
        if replica.healthy
    )


def fresh_folder(folder: Path) -> Path:
    """Return `folder`, empty, for a demo to write in.

    Raises ConfigurationError rather than empty a folder that no demo has made, and ClusterError
    when a demo is running in it.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / MARKER).exists():
        raise ConfigurationError(f"{folder}: not empty and not of an earlier demo; choose another")
    if folder.exists():
        lock_folder(folder / "data").close()
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / MARKER).touch()
    return folder.resolve()
