"""How long an index takes to know a new face while it is searched, and what searches wait for it.

`python -m bench.search.index_step FOLDER KIND` reads `templates.npy` and `probes.npy` in a folder,
and prints a line of JSON: what was measured.
"""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple, get_args

import numpy as np

from bench.search.clients import milliseconds
from bench.service.systems import plain_environment
from contract.messages.index_status import IndexKind
from contract.vectors import Vectors
from scoring.cohort import Places
from scoring.score_scale import ScoreScale
from scoring.scoring_data import load_scoring_data
from shard.gallery.change import PARTITIONS, AlteredFaces, Change, FaceNumbers
from shard.index.face_index import FaceIndex
from shard.index.list_trial import MatchLikeness

STEPS = 1_000
"""Enrolments, one after the other."""
_PAUSE_SECONDS = 0.01
"""Between two of them: more than a store ever enrols in a second."""
_PLACED = 1_000
"""Faces whose places are told; the others get these: to place a million takes two minutes."""
_SEARCHES = 200
_PIECE = 20_000


class StepTimes(NamedTuple):
    """Milliseconds of enrolments' index steps, and of searches before and meanwhile."""

    kind: str
    people: int
    step_p50: float
    step_p99: float
    alone_p50: float
    alone_p99: float
    search_p50: float
    search_p99: float


def measure(templates: Vectors, probes: Vectors, kind: IndexKind) -> StepTimes:
    """Enrol STEPS people into an index of `templates` (n, d) while another thread searches it."""
    scale = ScoreScale.measured(load_scoring_data())
    index = _filled(templates, scale, kind)
    places = scale.cohort.place(probes)

    def search(turn: int) -> float:
        one = np.array([turn % len(probes)])
        began = time.perf_counter()
        index.search(probes[one], places.of(one), 1, "own")
        return (time.perf_counter() - began) * 1000

    alone = [search(turn) for turn in range(_SEARCHES)]
    meanwhile: list[float] = []
    done = threading.Event()

    def searching() -> None:
        while not done.is_set():
            meanwhile.append(search(len(meanwhile)))

    thread = threading.Thread(target=searching)
    thread.start()
    steps = []
    for number in range(STEPS):
        time.sleep(_PAUSE_SECONDS)
        change = _enrolled(len(templates) + number, probes[[number % len(probes)]])
        steps.append(milliseconds(partial(index.update, change)))
    done.set()
    thread.join()
    times = [np.percentile(each, [50, 99]).tolist() for each in (steps, alone, meanwhile)]
    return StepTimes(kind, len(templates), *(value for each in times for value in each))


def _filled(templates: Vectors, scale: ScoreScale, kind: IndexKind) -> FaceIndex:
    index = FaceIndex(templates.shape[1], scale.cohort, kind)
    some = scale.cohort.place(templates[:_PLACED])
    for start in range(0, len(templates), _PIECE):
        rows = np.arange(start, min(start + _PIECE, len(templates)))
        index.update(
            Change(altered=_members(rows, templates[rows], some.of(rows % len(some.mean))))
        )
    index.make_lists(MatchLikeness.of(scale.parameters, len(templates)), _to_the_end)
    return index


def _enrolled(number: int, vector: Vectors) -> Change:
    unknown = np.full(1, np.nan, np.float32)
    return Change(altered=_members(np.array([number]), vector, Places(unknown, unknown.copy())))


def _members(numbers: FaceNumbers, vectors: Vectors, places: Places) -> AlteredFaces:
    one = np.ones(len(numbers), np.int64)
    roaming = np.full(len(numbers), PARTITIONS.index("roaming"))
    return AlteredFaces(numbers, roaming, one < 0, one, one, vectors, places)


def _to_the_end() -> None:
    """Let the making of lists go on."""


def steps_of(folder: Path, kind: str) -> StepTimes:
    """Return the times of the people whose vectors are in `folder`, measured by another process."""
    command = [sys.executable, "-m", "bench.search.index_step", str(folder), kind]
    ran = subprocess.run(command, env=plain_environment(), stdout=subprocess.PIPE, check=True)
    return StepTimes(**json.loads(ran.stdout))


def main(folder: Path, kind: str) -> None:
    """Print what was measured."""
    kinds: Mapping[str, IndexKind] = {each: each for each in get_args(IndexKind)}
    templates, probes = np.load(folder / "templates.npy"), np.load(folder / "probes.npy")
    print(json.dumps(measure(templates, probes, kinds[kind])._asdict()))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
