"""Vectors that are enrolled instead of pictures: through the gateway, into shards, and found."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from contract.messages.faces import MOST_ENROLLED
from contract.vectors import to_text
from facegate.command import main
from tests.gateway.people.chain import Chain
from tests.shard.fakes import DIMENSION, MODEL, vector_of

PATH = "/v1/stores/a/faces/vectors"


def draft(*people: tuple[str, int], model: str = MODEL, scale: float = 3.0) -> dict[str, Any]:
    faces = [
        {"face_id": name, "vector": to_text(vector_of(number) * scale)} for name, number in people
    ]
    return {"model": model, "faces": faces}


async def listed(chain: Chain) -> list[str]:
    return [face["face_id"] for face in (await chain.call("GET", "/v1/stores/a/faces"))["faces"]]


async def test_vectors_are_enrolled_found_and_listed(chain: Chain) -> None:
    answer = await chain.call("POST", PATH, json=draft(("anna", 30), ("bert", 31)))

    assert answer == {"store": "a", "enrolled": 2, "unchanged": 0, "erased": []}
    for person, name in ((30, "anna"), (31, "bert")):
        seen = await chain.sees("a", person)
        assert (seen["face_id"], seen["match"]) == (name, "home")
    assert (await chain.sees("b", 31))["match"] == "roaming"


async def test_a_face_id_may_have_several(chain: Chain) -> None:
    await chain.call("POST", PATH, json=draft(("anna", 30), ("anna", 31)))

    record = await chain.call("GET", "/v1/stores/a/faces/anna")
    assert [template["model"] for template in record["templates"]] == [MODEL, MODEL]


async def test_a_second_time_changes_nothing(chain: Chain) -> None:
    await chain.call("POST", PATH, json=draft(("anna", 30)))

    answer = await chain.call("POST", PATH, json=draft(("anna", 30), scale=1.0))

    assert (answer["enrolled"], answer["unchanged"]) == (0, 1)


async def test_nobody_who_was_erased_comes_back(chain: Chain) -> None:
    await chain.call("POST", PATH, json=draft(("anna", 30), ("bert", 31)))
    await chain.call("DELETE", "/v1/stores/a/faces/anna")

    answer = await chain.call("POST", PATH, json=draft(("anna", 30), ("bert", 31)))

    assert (answer["enrolled"], answer["unchanged"], answer["erased"]) == (0, 1, ["anna"])
    assert await listed(chain) == ["bert"]


@pytest.mark.parametrize(
    ("people", "other", "code"),
    [
        ([("anna", 30), ("v-made", 31)], {}, "BAD_REQUEST"),
        ([("anna", 30), ("x/y", 31)], {}, "INVALID"),
        ([("anna", 30)], {"model": "another-model"}, "MODEL_MISMATCH"),
    ],
)
async def test_one_that_is_refused_refuses_all(
    chain: Chain, people: Sequence[tuple[str, int]], other: dict[str, str], code: str
) -> None:
    answer = await chain.http.post(PATH, json=draft(*people, **other))  # type: ignore[arg-type]  # model

    assert answer.status_code in {400, 409, 422}
    assert answer.json()["code"].startswith(code[:7])
    assert await listed(chain) == []


@pytest.mark.parametrize(
    "vector",
    [
        np.zeros(DIMENSION, np.float32),
        np.ones(DIMENSION - 1, np.float32),
        np.full(DIMENSION, np.nan, np.float32),
        np.full(DIMENSION, 1e30, np.float32),
    ],
    ids=["no direction", "short", "nan", "too long"],
)
async def test_what_is_no_vector_is_refused(chain: Chain, vector: np.ndarray) -> None:
    said = draft(("anna", 30))
    said["faces"].append({"face_id": "bert", "vector": to_text(vector)})

    assert await chain.refused("POST", PATH, json=said) == (400, "BAD_VECTORS")
    assert await listed(chain) == []


async def test_more_than_fit_into_one_request_are_refused(chain: Chain) -> None:
    said = draft(*((f"m-{n}", 30) for n in range(MOST_ENROLLED + 1)))

    status, _ = await chain.refused("POST", PATH, json=said)

    assert status == 422
    assert await listed(chain) == []


async def imports(chain: Chain, *arguments: str | Path) -> Result:
    """Run `facegate import` beside the services of this process."""
    words = ["import", "a", *map(str, arguments), "--url", str(chain.http.base_url)]
    return await asyncio.to_thread(CliRunner().invoke, main, words)


def csv_of(folder: Path, people: Sequence[tuple[str, int]]) -> Path:
    path = folder / "faces.csv"
    lines = (",".join([name, *map(str, vector_of(number))]) for name, number in people)
    path.write_text("\n".join(lines))
    return path


async def test_the_command_imports_a_file_and_goes_on_where_it_was(
    chain: Chain, tmp_path: Path
) -> None:
    people = [(f"m-{number:03}", number) for number in range(MOST_ENROLLED + 3)]

    first = await imports(chain, csv_of(tmp_path, people[:-1]))
    again = await imports(chain, csv_of(tmp_path, people), "--model", MODEL)

    assert first.exit_code == again.exit_code == 0
    assert f"a: {MOST_ENROLLED + 2} vectors enrolled, 0 unchanged" in first.stdout
    assert f"a: 1 vectors enrolled, {MOST_ENROLLED + 2} unchanged" in again.stdout
    assert (await chain.sees("b", MOST_ENROLLED + 2))["face_id"] == people[-1][0]


async def test_the_command_names_who_was_erased_and_ends_with_1(
    chain: Chain, tmp_path: Path
) -> None:
    path = csv_of(tmp_path, [("anna", 30), ("bert", 31)])
    await imports(chain, path)
    await chain.call("DELETE", "/v1/stores/a/faces/anna")

    told = await imports(chain, path)
    as_json = await imports(chain, path, "--json")

    assert told.exit_code == as_json.exit_code == 1
    assert "anna was erased; not brought back" in told.stdout
    assert json.loads(as_json.stdout) == {"enrolled": 0, "unchanged": 1, "erased": ["anna"]}


async def test_a_file_that_is_wrong_at_its_end_imports_nobody(chain: Chain, tmp_path: Path) -> None:
    path = csv_of(tmp_path, [(f"m-{number:03}", number) for number in range(MOST_ENROLLED)])
    path.write_text(path.read_text() + "\nm-999,1,2")

    refused = await imports(chain, path)
    other = await imports(chain, csv_of(tmp_path, [("anna", 30)]), "--model", "other")

    assert refused.exit_code == other.exit_code == 1
    assert f"line {MOST_ENROLLED + 1}: 2 numbers, {DIMENSION} are expected" in refused.output
    assert "of model 'other'" in other.output
    assert await listed(chain) == []
