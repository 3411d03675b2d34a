"""Making what was copied of a damaged gallery fit together again."""

import sqlite3

from contract.pictures.naming import MINTED_PREFIX

_LAST_SEQ = " UNION ALL ".join(
    f"SELECT seq FROM {name}"  # noqa: S608 - names of the schema
    for name in ("meta", "faces", "gone_faces", "templates", "tombstones", "distinctions")
)
_LAST_SEQ = f"SELECT max(seq) FROM ({_LAST_SEQ})"  # noqa: S608
_OWNERLESS = (
    "SELECT face_id, min(created_at) FROM templates"
    " WHERE face_id NOT IN (SELECT face_id FROM faces) GROUP BY face_id"
)
_NEW_FACE = (
    "INSERT INTO faces (face_id, seq, kind, member_id, provisional, created_at, roams)"
    " VALUES (?, ?, ?, NULL, 0, ?, 0)"
)
_UNNUMBERED = "SELECT rowid FROM faces WHERE number IS NULL"
_LAST_NUMBER = (
    "SELECT coalesce(max(number), 0) FROM"
    " (SELECT number FROM faces UNION ALL SELECT number FROM gone_faces)"
)
_LOST = "SELECT face_id FROM faces WHERE face_id NOT IN (SELECT face_id FROM templates)"
_LENGTHS = "SELECT model, length(vector) FROM templates GROUP BY 1, 2 ORDER BY count(*)"
_KEPT_FOR_NOTHING = (
    "DELETE FROM kept_pictures WHERE picture NOT IN"
    " (SELECT picture FROM templates WHERE picture IS NOT NULL"
    " UNION SELECT picture FROM set_aside WHERE picture IS NOT NULL)"
)
_FORGOTTEN = (
    "DELETE FROM sources WHERE outcome = 'enrolled'"
    " AND source NOT IN (SELECT source FROM templates WHERE source IS NOT NULL)"
)


def make_consistent(new: sqlite3.Connection) -> list[str]:
    """Make what was copied fit together; return the FaceIds of which no vector is left.

    FaceIds whose own row is lost come back without member, and other stores do not find them.
    Pictures whose vectors are lost are forgotten, so that the next import brings them again.
    """
    new.execute("BEGIN")
    usual = dict(new.execute(_LENGTHS).fetchall())
    for model in usual.items():
        new.execute("DELETE FROM templates WHERE model = ? AND length(vector) IS NOT ?", model)
    new.execute(_KEPT_FOR_NOTHING)
    [seq] = new.execute(_LAST_SEQ).fetchone()
    ownerless = new.execute(_OWNERLESS).fetchall()
    for number, (face_id, since) in enumerate(ownerless, seq + 1):
        kind = "visitor" if face_id.startswith(MINTED_PREFIX) else "member"
        new.execute(_NEW_FACE, (face_id, number, kind, since))
    lost = [name for (name,) in new.execute(_LOST).fetchall()]
    new.execute("DELETE FROM faces WHERE face_id NOT IN (SELECT face_id FROM templates)")
    new.execute(_FORGOTTEN)
    last_number = _number_faces(new)
    new.execute(
        "UPDATE meta SET seq = ?, imported = 0, last_number = ?",
        (seq + len(ownerless) + 1, last_number),
    )
    new.execute("COMMIT")
    return lost


def _number_faces(new: sqlite3.Connection) -> int:
    """Give FaceIds numbers that have none; return the largest number."""
    [last] = new.execute(_LAST_NUMBER).fetchone()
    for number, row in enumerate(new.execute(_UNNUMBERED).fetchall(), last + 1):
        new.execute("UPDATE faces SET number = ? WHERE rowid = ?", (number, *row))
    [last] = new.execute(_LAST_NUMBER).fetchone()
    return int(last)
