"""`python -m bench.chain.region NAME GATEWAY HOME STORES`: a region that answers as a shard does.

A gateway takes it for a store of its own map. It knows the members of all stores of the region, and
has the region's own gateway search them: a part that facegate does not have, made for a simulation.
"""

import os
import sys
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.chain.galleries import FACES
from bench.chain.people import SCALE
from bench.shard_server import server_of
from contract.messages.cluster import Counts, ShardStatus
from contract.messages.face import Candidate
from contract.messages.shard_answers import SearchAnswer


class RegionFront:
    """So many stores behind a gateway; another one, `home`, takes the faces that are searched."""

    def __init__(self, name: str, gateway: str, home: str, stores: int) -> None:
        self._name = name
        self._path = f"/v1/stores/{home}/recognize"
        self._faces = stores * FACES
        self._gateway = httpx.AsyncClient(base_url=gateway, timeout=60)

    async def status(self, request: Request) -> Response:
        """Answer `GET /status`."""
        count = self._faces
        status = ShardStatus(
            store=self._name,
            ready=True,
            read_only=False,
            model=SCALE.model,
            scale=SCALE.status,
            counts=Counts(faces=count, members=count, visitors=0, templates=count, roaming=count),
            seq=count,
            version="0",
        )
        return Response(status.model_dump_json(), media_type="application/json")

    async def search(self, request: Request) -> Response:
        """Answer `POST /search`: of each face whom the region's gateway names, if anybody."""
        answer = await self._gateway.post(
            self._path, content=await request.body(), params={"mint": False, "visit": False}
        )
        answer.raise_for_status()
        faces = answer.json()["faces"]
        said = SearchAnswer(
            store=self._name,
            model=SCALE.model,
            results=[self._candidates(face) for face in faces],
            thresholds=[None] * len(faces),
        )
        return Response(said.model_dump_json(), media_type="application/json")

    def _candidates(self, face: Any) -> list[Candidate]:
        if face["match"] != "roaming":
            return []
        return [
            Candidate(
                face_id=f"{face['store']}/{face['face_id']}",
                store=self._name,
                kind="member",
                score=face["score"],
                distance=face["distance"],
                passes=True,
            )
        ]


def main() -> None:
    """Serve the region that the command line names until the process is killed."""
    name, gateway, home, stores = sys.argv[1:]
    region = RegionFront(name, gateway, home, int(stores))
    app = Starlette(
        routes=[
            Route("/status", region.status),
            Route("/search", region.search, methods=["POST"]),
        ]
    )
    server_of(app, int(os.environ["FACEGATE_PORT"])).run()


if __name__ == "__main__":
    main()
