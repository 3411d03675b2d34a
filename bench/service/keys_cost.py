"""What keys cost: the same system twice, one that asks for them and one that does not, in turns."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from bench.service.clients import Endpoint, post
from bench.service.crowd import HOME, Crowd
from bench.service.systems import facegate

CLIENTS, ROUNDS, PICTURES = 2, 7, 200


def with_and_without_keys(
    people: Crowd, folder: Path, expected: Callable[[bytes], bool]
) -> tuple[float, float]:
    """Return the pictures a second without and with keys: medians of `ROUNDS` turns.

    Both systems run all the time: a machine that gets slower meanwhile does so for both.
    """
    path = f"/v1/stores/{HOME}/recognize?camera={{camera}}"
    with ExitStack() as running:
        services = []
        for name, settings in (("open", {}), ("keys", {"FACEGATE_KEYS": "required"})):
            system = running.enter_context(facegate(people, folder / name, settings))
            key = (folder / name / "data" / "admin.key").read_text(encoding="utf-8").strip()
            headers = {"Authorization": f"Bearer {key}"} if settings else {}
            services.append(Endpoint(system.port, path, expected, headers))
        for service in services:
            post(service, people.members, CLIENTS, len(people.members))  # warm-up
        rates: list[list[float]] = [[], []]
        for _ in range(ROUNDS):
            for service, found in zip(services, rates, strict=True):
                found.append(post(service, people.members, CLIENTS, PICTURES).a_second)
    without, with_keys = map(median, rates)
    return without, with_keys
