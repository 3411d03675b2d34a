"""What the directory is asked and told, each in a transaction."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from contract.errors import BadVectors, ShardNonsense
from contract.messages.directory.roaming_changes import RoamingChanges
from contract.vectors import Vector, Vectors, from_text
from gateway.directory.tables.copied_rows import copy_entries
from gateway.directory.tables.nearest_lists import probes_of, vectors_of
from gateway.directory.tables.schema import entries, filler, models, stores, vector_text
from scoring.cohort import Floats, Places

NEAREST = 32
"""Entries that are scored of those nearest by cosine: scores rank them a little otherwise. Whoever
passes among 500,000 was of the nearest five (docs/scale.md)."""


class StoreState(NamedTuple):
    """What the directory has of a store: `faces` FaceIds, as they were at its change `seq`."""

    model: str
    cohort: str | None
    seq: int
    faces: int


class NearestEntries(NamedTuple):
    """The entries nearest to a probe: their stores, their cosines, shape (n,), and places."""

    stores: Sequence[str]
    cosines: Floats
    places: Places


def read_states(connection: sa.Connection) -> dict[str, StoreState]:
    """Return what there is of each store."""
    return _states(connection, sa.true())


def _states(connection: sa.Connection, which: sa.ColumnElement[bool]) -> dict[str, StoreState]:
    columns = (stores.c.store, stores.c.model, stores.c.cohort, stores.c.seq, stores.c.faces)
    rows = connection.execute(sa.select(*columns).where(which))
    return {store: StoreState(*rest) for store, *rest in rows}


def read_state(connection: sa.Connection, store: str) -> StoreState | None:
    """Return what there is of a store; None when there is nothing."""
    return _states(connection, stores.c.store == store).get(store)


def count_faces(connection: sa.Connection, names: Sequence[str]) -> dict[str, int]:
    """Return how many entries there really are of these stores, of those that have any."""
    number = sa.func.count().label("faces")
    theirs = entries.c.store == sa.func.any(list(names))
    counted = sa.select(entries.c.store, number).where(theirs).group_by(entries.c.store)
    return {row.store: row.faces for row in connection.execute(counted)}


def nearest(
    connection: sa.Connection, model: str, probes: Vectors, milliseconds: int
) -> list[NearestEntries]:
    """Return the entries of `model` nearest to each unit vector of `probes` (n, d).

    All are looked through, or the nearest lists of the index. Gives up after so many milliseconds
    each.
    """
    row = connection.execute(sa.select(models).where(models.c.name == model)).first()
    if row is None or row.dimension != probes.shape[1]:
        nothing = np.zeros(0, np.float32)
        return [NearestEntries((), nothing, Places(nothing, nothing))] * len(probes)
    connection.execute(sa.text("SET LOCAL work_mem = '64MB'"))  # it sorts what it looks through
    connection.execute(sa.text(f"SET LOCAL ivfflat.probes = {probes_of(row.lists)}"))
    connection.execute(sa.text(f"SET LOCAL statement_timeout = {milliseconds}"))
    return [_nearest(connection, row, probe) for probe in probes]


def _nearest(connection: sa.Connection, model: sa.Row[Any], probe: Vector) -> NearestEntries:
    def product(kind: str) -> str:
        size = model.dimension
        return f"({vectors_of(size, kind)} <#> CAST(:probe AS {kind}({size})))"

    # Numbers of our own in the text: an index of one model is taken for a query that names it.
    rows = connection.execute(
        sa.text(
            f"SELECT store, -{product('vector')}, mean, deviation"  # noqa: S608
            f" FROM directory_entries WHERE model = {model.model}"
            f" ORDER BY {product(model.listed_as)} LIMIT {NEAREST}"
        ),
        {"probe": vector_text(probe.tolist())},
    ).all()
    columns = np.array([row[1:] for row in rows], np.float32).reshape(-1, 3)
    return NearestEntries([row.store for row in rows], columns[:, 0], Places(*columns[:, 1:].T))


def apply(connection: sa.Connection, after: int, changes: RoamingChanges) -> bool:
    """Take over what happened in a store after the change `after`; 0: from its beginning.

    Say whether it was: not when the directory has the store as it was at another change. Raises
    ShardNonsense.
    """
    store = changes.store
    known = stores.c.store == store
    if after == 0:
        new = {"store": store, "model": changes.model, "cohort": changes.cohort}
        first = insert(stores).values(**new, seq=0, faces=0).on_conflict_do_nothing()
        connection.execute(first)
    state = connection.execute(sa.select(stores).where(known).with_for_update()).first()
    if state is None or (state.seq, state.model, state.cohort) != (
        after,
        changes.model,
        changes.cohort,
    ):
        return False
    altered = [*changes.gone, *(face.number for face in changes.faces)]
    theirs = entries.c.store == store
    removed = 0
    if altered and after:
        old = sa.delete(entries).where(theirs, entries.c.number == sa.func.any(altered))
        removed = connection.execute(old).rowcount
    if changes.faces:
        _add(connection, changes)
    faces = state.faces - removed + len(changes.faces)
    connection.execute(sa.update(stores).where(known).values(seq=changes.seq, faces=faces))
    return True


def _add(connection: sa.Connection, changes: RoamingChanges) -> None:
    try:
        rows = [from_text(face.vector) for face in changes.faces]
    except BadVectors as error:
        raise ShardNonsense(f"a vector is {error.detail}") from None
    dimension = len(rows[0])
    if any(len(row) != dimension for row in rows):
        raise ShardNonsense("vectors of several dimensions")
    model = _model(connection, changes.model, dimension)
    copy_entries(connection, changes, model, np.stack(rows))


def _model(connection: sa.Connection, name: str, dimension: int) -> int:
    """Return the number of a model."""
    known = sa.select(models).where(models.c.name == name)
    row = connection.execute(known).first()
    if row is None:
        new = insert(models).values(name=name, dimension=dimension).on_conflict_do_nothing()
        connection.execute(new)
        row = connection.execute(known).one()
    if row.dimension != dimension:
        raise ShardNonsense(f"vectors of {name!r} with {dimension} numbers, not {row.dimension}")
    return int(row.model)


def forget(connection: sa.Connection, store: str) -> None:
    """Remove all that there is of a store."""
    for table in (entries, stores):
        connection.execute(sa.delete(table).where(table.c.store == store))


def lead(connection: sa.Connection, gateway: str, seconds: int) -> bool:
    """Have this gateway fill the directory for so many seconds; say whether it is the one."""
    until = sa.func.now() + sa.func.make_interval(0, 0, 0, 0, 0, 0, seconds)
    mine = {"filler": 1, "gateway": gateway, "until": until}
    claim = insert(filler).values(**mine)
    free = (filler.c.gateway == gateway) | (filler.c.until < sa.func.now())
    claim = claim.on_conflict_do_update(index_elements=["filler"], set_=mine, where=free)
    return connection.execute(claim.returning(filler.c.gateway)).first() is not None


def total(states: Mapping[str, StoreState]) -> int:
    """Return how many FaceIds there are of all stores."""
    return sum(state.faces for state in states.values())
