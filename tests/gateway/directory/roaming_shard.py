"""A fake shard that says what changes of its members who roam."""

import math
from dataclasses import dataclass, field

import numpy as np
from aiohttp import web

from contract.vectors import to_text
from scoring.cohort import unit
from tests.gateway.fakes import FakeShard, Point

PLACE = (0.5, 0.06)
"""Where all members of fake shards are among strangers."""


@dataclass
class RoamingShard(FakeShard):
    """`numbers` are those of its members, with the change that made them; `gone` likewise."""

    cohort: str | None = "cohort-1"
    last: int = 0
    numbers: dict[str, tuple[int, int]] = field(default_factory=dict)
    gone: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.page = math.inf
        """How many changes are told at once, at most."""

    @property
    def seq(self) -> int:
        return self.last

    def member(self, face_id: str, vector: Point, member_id: str | None = None) -> None:
        super().member(face_id, vector, member_id)
        self.last += 1
        number = self.numbers.get(face_id, (len(self.numbers) + len(self.gone) + 1, 0))[0]
        self.numbers[face_id] = number, self.last

    def remove(self, face_id: str) -> None:
        del self.faces[face_id]
        self.last += 1
        self.gone[self.numbers.pop(face_id)[0]] = self.last

    def routes(self) -> list[web.RouteDef]:
        return [*super().routes(), web.get("/roaming", self.roaming)]

    async def roaming(self, request: web.Request) -> web.Response:
        after = int(request.query["after"])
        limit = min(int(request.query["limit"]), self.page)
        happened = sorted(
            [(seq, face_id, number) for face_id, (number, seq) in self.numbers.items()]
            + [(seq, None, number) for number, seq in self.gone.items()]
        )
        new = [each for each in happened if each[0] > after]
        told = new[: int(min(limit, len(new)))]
        seq = self.last if len(told) == len(new) else told[-1][0]
        return web.json_response(
            {
                "store": self.store,
                "model": self.model,
                "cohort": self.cohort,
                "seq": max(seq, after) if after <= self.last else self.last,
                "last": self.last,
                "faces": [
                    {
                        "number": number,
                        "vector": to_text(unit(np.array(self.faces[face_id].vector, np.float32))),
                        "place": PLACE,
                    }
                    for _, face_id, number in told
                    if face_id is not None
                ],
                "gone": [number for _, face_id, number in told if face_id is None],
            }
        )

    async def erase_faces(self, request: web.Request) -> web.Response:
        names = (await request.json())["face_ids"]
        there = [name for name in names if name in self.faces]
        for name in there:
            self.remove(name)
        erased = {name: int(name in there) for name in names}
        return web.json_response({"store": self.store, "seq": self.last, "erased": erased})
