"""With many entries the nearest lists alone are looked through."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import sqlalchemy as sa

from gateway.directory.tables import schema
from gateway.directory.tables.entries import nearest
from gateway.directory.tables.nearest_lists import LEAST, lists_of, make_lists, probes_of
from tests import postgresql
from tests.cluster.processes import wait_until

MODEL = "model-1"
DIMENSION = 8

pytestmark = pytest.mark.slow


def engine_at(url: str) -> sa.Engine:
    return sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg"))


def prepare(connection: sa.Connection) -> None:
    """Make a directory with nearly as many entries as get lists."""
    schema.prepare(connection)
    connection.execute(sa.insert(schema.models).values(model=1, name=MODEL, dimension=DIMENSION))
    add(connection, 0, LEAST - 1)


@pytest.fixture
def connection(postgresql_url: str) -> Iterator[sa.Connection]:
    """A directory with nearly as many entries as get lists."""
    engine = engine_at(postgresql_url)
    with engine.begin() as connection:
        prepare(connection)
        yield connection
    engine.dispose()


def add(connection: sa.Connection, first: int, last: int) -> None:
    """Add entries under these numbers, at points that look drawn at random."""
    connection.execute(
        sa.text(
            "INSERT INTO directory_entries"
            " SELECT 'store-' || n % 10, n, 1, array_agg(x / norm)::vector, 0.5, 0.06 FROM ("
            "  SELECT n, x, sqrt(sum(x * x) OVER (PARTITION BY n)) AS norm FROM ("
            "   SELECT n, sin(n * 12.9898 + d * 78.233 + n * d * 0.37) AS x"
            "   FROM generate_series(CAST(:first AS int), CAST(:last AS int)) AS n,"
            "   generate_series(1, :dimension) AS d) AS points) AS units GROUP BY n"
        ),
        {"first": first, "last": last - 1, "dimension": DIMENSION},
    )


def plan(connection: sa.Connection) -> str:
    kind = connection.scalar(sa.select(schema.models.c.listed_as))
    product = f"vector::{kind}({DIMENSION}) <#> '[1,0,0,0,0,0,0,0]'::{kind}({DIMENSION})"
    query = (
        f"EXPLAIN SELECT store FROM directory_entries WHERE model = 1 ORDER BY {product} LIMIT 9"
    )
    return "\n".join(connection.scalars(sa.text(query)))


def test_lists_are_made_when_there_are_enough_and_made_anew_when_twice(
    connection: sa.Connection,
) -> None:
    assert make_lists(connection) == []
    add(connection, LEAST, LEAST + 10)
    assert make_lists(connection) == [MODEL]
    assert make_lists(connection) == []
    assert "directory_lists_1" in plan(connection)
    assert connection.scalar(sa.select(schema.models.c.listed_as)) == "halfvec"

    add(connection, 2 * LEAST, 3 * LEAST + 20)
    assert make_lists(connection) == [MODEL]
    lists = connection.scalar(sa.select(schema.models.c.lists))
    assert lists == (2 * LEAST + 29) // 500
    assert probes_of(lists) == 18


def test_no_number_of_entries_needs_more_memory_than_the_server_is_given() -> None:
    assert (lists_of(20_000), lists_of(500_000)) == (40, 1000)
    assert lists_of(10_000_000) ** 2 * 50 * 4 < 0.8 * 2**29


def test_the_most_alike_are_found_with_lists_as_without(connection: sa.Connection) -> None:
    probes = np.random.default_rng(1).normal(size=(20, DIMENSION)).astype(np.float32)
    probes /= np.linalg.norm(probes, axis=1, keepdims=True)
    exact = nearest(connection, MODEL, probes, 60_000)
    add(connection, LEAST, LEAST + 10)
    make_lists(connection)

    listed = nearest(connection, MODEL, probes, 60_000)

    best = [
        float(one.cosines[0] - other.cosines[0]) for one, other in zip(exact, listed, strict=True)
    ]
    assert np.mean(np.abs(best) < 1e-6) >= 0.7
    assert all(len(found.stores) == 32 for found in listed)


def test_a_search_looks_through_the_lists_and_not_through_everybody(
    connection: sa.Connection,
) -> None:
    add(connection, LEAST, LEAST + 10)
    make_lists(connection)
    before = scans(connection, "directory_entries")

    nearest(connection, MODEL, np.eye(5, DIMENSION, dtype=np.float32), 60_000)

    assert scans(connection, "directory_lists_1") == 5
    assert scans(connection, "directory_entries") == before


def scans(connection: sa.Connection, name: str) -> int:
    """Return how often a table was read, or an index used, in this transaction."""
    query = sa.text("SELECT pg_stat_get_xact_numscans(CAST(:name AS regclass))")
    return int(connection.scalar(query, {"name": name}) or 0)


def test_a_pgvector_without_16_bit_vectors_lists_those_of_32(connection: sa.Connection) -> None:
    """As 0.6 has it: nothing of the type is used, where it is not there."""
    add(connection, LEAST, LEAST + 10)
    connection.execute(sa.text("ALTER TYPE halfvec RENAME TO another"))

    assert make_lists(connection) == [MODEL]
    assert connection.scalar(sa.select(schema.models.c.listed_as)) == "vector"
    assert "directory_lists_1" in plan(connection)
    probe = np.eye(1, DIMENSION, dtype=np.float32)
    assert len(nearest(connection, MODEL, probe, 60_000)[0].stores) == 32


def test_a_server_that_crashes_when_lists_are_nearly_made_has_the_old_ones(
    processes: None,
) -> None:
    with postgresql.own_server() as server, postgresql.database(server.url) as url:
        engine = engine_at(url)
        with engine.begin() as connection:
            prepare(connection)
            add(connection, LEAST, LEAST + 10)
            make_lists(connection)
            add(connection, 2 * LEAST, 3 * LEAST + 20)
        with engine.connect() as holding, ThreadPoolExecutor(1) as thread:
            # What is made is noted last: that has to wait for who has the row.
            holding.execute(sa.select(schema.models).with_for_update())
            making = thread.submit(made_at, url)
            noting = "UPDATE directory_models"
            wait_until(lambda: postgresql.waits(url, noting), "the lists all but made")
            server.crash()
            with pytest.raises(sa.exc.OperationalError):
                making.result()
            holding.invalidate()

        server.start()
        with engine.begin() as connection:
            assert connection.scalar(sa.select(schema.models.c.lists)) == LEAST // 500
            assert "directory_lists_1" in plan(connection)
            assert make_lists(connection) == [MODEL]
            assert connection.scalar(sa.select(schema.models.c.lists)) == (2 * LEAST + 29) // 500
        engine.dispose()


def made_at(url: str) -> list[str]:
    engine = engine_at(url)
    with engine.begin() as connection:
        return make_lists(connection)
