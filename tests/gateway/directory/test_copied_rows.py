"""Entries arrive in PostgreSQL as they were sent, whatever stores are called."""

from collections.abc import Iterator

import numpy as np
import pytest
import sqlalchemy as sa

from contract.messages.directory.roaming_changes import RoamingChanges, RoamingFace
from contract.vectors import Vectors, to_text
from gateway.directory.tables import schema
from gateway.directory.tables.copied_rows import copy_entries
from gateway.directory.tables.entries import apply, nearest, read_states
from scoring.cohort import unit


@pytest.fixture
def connection(postgresql_url: str) -> Iterator[sa.Connection]:
    """A transaction in an empty directory."""
    engine = sa.create_engine(sa.make_url(postgresql_url).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        schema.prepare(connection)
        yield connection
    engine.dispose()


def drawn(count: int, dimension: int = 128) -> Vectors:
    return unit(np.random.default_rng(1).normal(size=(count, dimension)).astype(np.float32))


def changes(store: str, vectors: Vectors) -> RoamingChanges:
    faces = [
        RoamingFace(number=2**40 + n, vector=to_text(vector), place=(0.1 + n / 7, 0.06))
        for n, vector in enumerate(vectors)
    ]
    last = len(faces)
    return RoamingChanges(
        store=store, model="model-1", cohort="cohort-1", seq=last, last=last, faces=faces
    )


@pytest.mark.parametrize("store", ["east", "门店-西湖", "two words"])
def test_every_number_is_stored_as_it_was_sent(connection: sa.Connection, store: str) -> None:
    vectors = drawn(300)

    assert apply(connection, 0, changes(store, vectors))

    assert read_states(connection)[store].faces == 300
    for probe in (0, 299):
        [found] = nearest(connection, "model-1", vectors[probe : probe + 1], 10_000)
        assert found.stores[0] == store
        assert found.cosines[0] == pytest.approx(1, abs=1e-6)
        assert found.places.mean[0] == pytest.approx(0.1 + probe / 7)
    query = sa.text("SELECT number, mean, vector::text FROM directory_entries ORDER BY number")
    rows = connection.execute(query).all()
    assert [row.number for row in rows] == [2**40 + n for n in range(300)]
    assert [row.mean for row in rows] == [0.1 + n / 7 for n in range(300)]
    stored = np.array([np.fromstring(row.vector[1:-1], np.float32, sep=",") for row in rows])
    np.testing.assert_array_equal(stored, vectors)


def test_what_the_server_refuses_is_refused_as_any_statement_is(connection: sa.Connection) -> None:
    with pytest.raises(sa.exc.IntegrityError):
        copy_entries(connection, changes("east", drawn(1)), 99, drawn(1))
