"""Who was just seen: kept in memory for a while, under a name, and no longer."""

import numpy as np

from contract.vectors import Vector
from shard.faces.sightings import SightedFace, Sightings
from tests.gateway.fake_chain import until
from tests.shard.fakes import vector_of


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def found(sightings: Sightings, *names: str) -> list[Vector]:
    return [sighting.vector for sighting in sightings.of(names)]


async def test_a_vector_is_kept_for_the_time_and_no_longer() -> None:
    clock = Clock()
    sightings = Sightings(60, clock=clock)
    early = sightings.keep(SightedFace(vector_of(1)), "anna")
    clock.now = 30
    late = sightings.keep(SightedFace(vector_of(2)), None)

    assert np.array_equal(found(sightings, late, early, "x"), [vector_of(2), vector_of(1)])
    clock.now = 60
    assert np.array_equal(found(sightings, early, late), [vector_of(2)])
    clock.now = 90
    assert (found(sightings, early, late), len(sightings)) == ([], 0)
    sightings.clear()


async def test_it_is_forgotten_though_nobody_comes_any_more() -> None:
    sightings = Sightings(0.02)
    sightings.keep(SightedFace(vector_of(1)), "anna")

    await until(lambda: not len(sightings))


async def test_who_is_erased_is_forgotten_at_once() -> None:
    sightings = Sightings(60)
    anna, bob = (
        sightings.keep(SightedFace(vector_of(1)), "anna"),
        sightings.keep(SightedFace(vector_of(2)), "bob"),
    )

    sightings.forget(["anna"])

    assert np.array_equal(found(sightings, anna, bob), [vector_of(2)])
    sightings.clear()


async def test_who_got_another_name_is_forgotten_under_that_one() -> None:
    sightings = Sightings(60)
    anna = sightings.keep(SightedFace(vector_of(1)), "095")

    sightings.rename("095", "anna")
    sightings.forget(["095"])
    assert np.array_equal(found(sightings, anna), [vector_of(1)])
    sightings.forget(["anna"])

    assert found(sightings, anna) == []
    sightings.clear()


async def test_the_oldest_makes_room() -> None:
    sightings = Sightings(60, most=2)
    names = [sightings.keep(SightedFace(vector_of(person)), None) for person in range(3)]

    assert len(sightings) == 2
    assert found(sightings, names[0]) == []
    sightings.clear()
