"""Columns come back as they were stored, with a key, with another one, and without."""

from typing import Any

import pytest
import sqlalchemy as sa

from contract.errors import StorageForeign
from service.sealed_columns import SealedBytes, SealedObject, SealedText, SealedVector
from tests.encryption import NEW, OLD, Keys

DIALECT: Any = None
"""What the columns do is the same for every database."""
STORED: list[tuple[sa.TypeDecorator[Any], Any]] = [
    *((SealedBytes(), bytes([first]) * length) for first in (0, 1, 66) for length in range(40)),
    *((SealedVector(), bytes([first]) * length) for first in (0, 1, 66) for length in (4, 32, 512)),
    *((SealedText(), text) for text in ("", "whsec_x", "密码", "a:b")),
    *((SealedObject(), each) for each in ({}, {"größe": [1.5, None]}, {"x": "\\"})),
]


@pytest.mark.parametrize("key", [[], [NEW], [OLD, NEW]], ids=["plain", "key", "another"])
def test_what_is_stored_is_read(keys: Keys, key: list[str]) -> None:
    keys(*key)
    stored = [(kind, value, kind.process_bind_param(value, DIALECT)) for kind, value in STORED]
    keys(NEW, OLD)
    for kind, value, kept in stored:
        assert kind.process_result_value(kept, DIALECT) == value, (kind, value)
    assert all(kind.process_bind_param(None, DIALECT) is None for kind, _ in STORED)


def test_what_is_sealed_shows_nothing_and_needs_its_key(keys: Keys) -> None:
    keys(OLD)
    hidden: list[tuple[Any, Any]] = [
        (SealedBytes(), b"hazelnuts"),
        (SealedText(), "hazelnuts"),
        (SealedObject(), {"allergy": "hazelnuts"}),
    ]
    for kind, value in hidden:
        kept = kind.process_bind_param(value, DIALECT)
        assert "hazelnuts" not in str(kept)
        keys(NEW)
        with pytest.raises(StorageForeign):
            kind.process_result_value(kept, DIALECT)
        keys(OLD)
