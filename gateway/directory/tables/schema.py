"""The tables of the directory in PostgreSQL, with the extension pgvector.

The directory is a cache of what the shards hold: one of a former release is made anew.
"""

from collections.abc import Sequence

import sqlalchemy as sa

from contract.errors import ConfigurationError

VERSION = 2
"""Another number when the tables are others."""
_LOCK = 0x66616365_64697200  # "facedir"


class Vector(sa.types.UserDefinedType[Sequence[float]]):
    """A vector of pgvector, of any dimension."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """Return the type as PostgreSQL calls it."""
        return "vector"


def vector_text(vector: Sequence[float]) -> str:
    """Return a vector as pgvector reads it."""
    return f"[{','.join(map(str, vector))}]"


metadata = sa.MetaData()

version = sa.Table(
    "directory_version", metadata, sa.Column("version", sa.Integer, primary_key=True)
)
"""One row: of which release the tables are."""

models = sa.Table(
    "directory_models",
    metadata,
    sa.Column("model", sa.Integer, sa.Identity(), primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("dimension", sa.Integer, nullable=False),
    sa.Column("lists", sa.Integer, nullable=False, server_default="0"),
    sa.Column("trained_by", sa.Integer, nullable=False, server_default="0"),
    sa.Column("listed_as", sa.Text, nullable=False, server_default="vector"),
)
"""What made the vectors. Those of each model have an index of their own, of so many `lists`, which
was `trained_by` so many entries; none as long as there are few. It has the vectors as a type of
pgvector's: `halfvec`, of 16 bits a number, where there is one."""

stores = sa.Table(
    "directory_stores",
    metadata,
    sa.Column("store", sa.Text, primary_key=True),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("cohort", sa.Text),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("faces", sa.Integer, nullable=False),
)
"""Up to which change of a store its members are here, and how many they are."""

entries = sa.Table(
    "directory_entries",
    metadata,
    sa.Column("store", sa.Text, primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True),
    sa.Column("model", sa.Integer, sa.ForeignKey(models.c.model), nullable=False),
    sa.Column("vector", Vector, nullable=False),
    sa.Column("mean", sa.Float, nullable=False),
    sa.Column("deviation", sa.Float, nullable=False),
)
"""FaceIds that other stores may find, by their numbers in their stores: no name, no member."""

filler = sa.Table(
    "directory_filler",
    metadata,
    sa.Column("filler", sa.Integer, primary_key=True),
    sa.Column("gateway", sa.Text, nullable=False),
    sa.Column("until", sa.DateTime(timezone=True), nullable=False),
)
"""One row: which of several gateways fills the directory, and until when."""


def prepare(connection: sa.Connection) -> None:
    """Make the tables, unless they are there. Raises ConfigurationError where they cannot be."""
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    _need_vectors(connection)
    version.create(connection, checkfirst=True)
    found = connection.scalar(sa.select(version.c.version))
    if found is not None and found > VERSION:
        raise ConfigurationError("FACEGATE_DIRECTORY_URL: a later release fills this directory")
    if found != VERSION:
        metadata.drop_all(connection)
    metadata.create_all(connection)
    if found != VERSION:
        connection.execute(sa.insert(version).values(version=VERSION))


def _need_vectors(connection: sa.Connection) -> None:
    """Have pgvector in the database."""
    extension = sa.text("SELECT 1 FROM pg_extension WHERE extname = 'vector'")
    if connection.scalar(extension) is not None:
        return
    try:
        with connection.begin_nested():
            connection.execute(sa.text("CREATE EXTENSION vector"))
    except sa.exc.DBAPIError as error:
        raise ConfigurationError(
            "FACEGATE_DIRECTORY_URL: the database has no extension `vector` (pgvector), and this"
            " user cannot create it"
        ) from error
