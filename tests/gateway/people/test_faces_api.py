"""Galleries are reached through the gateway, which only passes on."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.fake_chain import ANNA, STRANGER, Chain, running
from tests.gateway.fakes import picture, refuses, says

OPTIONS = {"rate": "0.01", "detector": "hog", "min_face_px": "0"}
"""The store's, as they travel with each picture."""
FACES = "/v1/stores/store-a/faces"


@pytest.fixture
async def chain(tmp_path: Path) -> AsyncIterator[Chain]:
    """Stores with fake shards, which keep what they were asked; other tests here use real ones."""
    async with running(tmp_path, fan_out_ms=5000) as chain:
        yield chain


async def test_a_picture_is_enrolled_in_its_store(chain: Chain) -> None:
    answer = await chain.http.post(
        FACES, params={"face_id": "张三", "member_id": "m-1"}, content=picture(STRANGER)
    )

    assert answer.status_code == 201
    assert answer.json()["face_id"] == "张三"
    [seen] = chain.shard("store-a").asked("/faces")
    assert seen.query == {"face_id": "张三", "member_id": "m-1", "cross_store": "", **OPTIONS}
    assert seen.body == picture(STRANGER)
    assert chain.shard("store-b").asked("/faces") == []


async def test_a_form_is_passed_on_untouched(chain: Chain) -> None:
    kind = 'multipart/form-data; boundary="a b"'
    part = b'--a b\r\nContent-Disposition: form-data; name="face_id"\r\n\r\nanna\r\n--a b--\r\n'

    await chain.http.post(FACES, content=part, headers={"Content-Type": kind})

    [seen] = chain.shard("store-a").asked("/faces")
    assert (seen.body, seen.headers["Content-Type"]) == (part, kind)
    assert seen.query == {"face_id": "anna", "cross_store": "", **OPTIONS}


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"face_id": ""},
        {"face_id": "a/b"},
        {"face_id": "x", "member_id": "m/1"},
        {"face_id": "x", "member_id": " m1"},
        {"face_id": "x", "member_id": ".."},
        {"face_id": "x", "member_id": "m\u200b1"},
        {"face_id": "x", "source": "a\nb"},
        {"face_id": "x", "force": "perhaps"},
    ],
)
@pytest.mark.parametrize("form", [False, True])
async def test_what_is_wrong_never_reaches_the_shard(
    chain: Chain, query: dict[str, str], form: bool
) -> None:
    files = {"image": ("x.jpg", picture(STRANGER))}
    given: dict[str, Any] = {"data": query, "files": files} if form else {"params": query}

    answer = await chain.http.post(FACES, **given)

    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == "application/problem+json"
    assert chain.shard("store-a").asked("/faces") == []


async def test_enrolling_the_same_again_changes_nothing(chain: Chain) -> None:
    codes = [
        (await chain.http.post(f"{FACES}?face_id=x", content=picture(ANNA))).status_code
        for _ in range(2)
    ]

    assert codes == [201, 200]


async def test_faces_are_listed_page_by_page(chain: Chain) -> None:
    chain.shard("store-a").member("zoe", STRANGER)

    first = (await chain.http.get(FACES, params={"limit": 1})).json()
    second = (await chain.http.get(FACES, params={"after": first["next_after"]})).json()

    assert [face["face_id"] for face in first["faces"]] == ["anna"]
    assert [face["face_id"] for face in second["faces"]] == ["zoe"]
    assert second["next_after"] is None


@pytest.mark.parametrize("face_id", ["a b?c#d&e=f%2F", "张三", "..%2e"])
async def test_a_face_is_read_and_erased_whatever_its_name(chain: Chain, face_id: str) -> None:
    chain.shard("store-a").member(face_id, STRANGER)
    url = f"{FACES}/{face_id.replace('%', '%25').replace('?', '%3F').replace('#', '%23')}"

    read = await chain.http.get(url)
    erased = await chain.http.delete(url)
    gone = await chain.http.get(url)

    assert read.json()["face_id"] == face_id
    receipt = erased.json()
    assert (erased.status_code, receipt["complete"]) == (200, True)
    assert (receipt["store"], receipt["face_id"], receipt["templates"]) == ("store-a", face_id, 1)
    assert (gone.status_code, gone.json()["code"]) == (404, "UNKNOWN_FACE")


async def test_sources_are_listed(chain: Chain) -> None:
    answer = await chain.http.get("/v1/stores/store-a/sources", params={"prefix": "门店/"})

    assert [source["source"] for source in answer.json()["sources"]] == ["门店/095_0.bmp"]


@pytest.mark.parametrize(
    ("status", "code"), [(422, "NO_FACE"), (422, "SEVERAL_FACES"), (507, "STORAGE_FULL")]
)
async def test_what_the_shard_refuses_is_refused(chain: Chain, status: int, code: str) -> None:
    chain.shard("store-a").faults["/faces"] = refuses(status, code)

    answer = await chain.http.post(f"{FACES}?face_id=x", content=b"x")

    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_nonsense_from_the_shard_is_not_passed_on(chain: Chain) -> None:
    chain.shard("store-a").faults["/faces"] = says("<html>secret</html>", 200, "text/html")

    answer = await chain.http.get(FACES)

    assert (answer.status_code, answer.json()["code"]) == (502, "SHARD_NONSENSE")
    assert "secret" not in answer.text


async def test_a_gallery_is_open_while_its_shard_is_not_ready(chain: Chain) -> None:
    chain.shard("store-a").ready = False

    assert (await chain.http.get(FACES)).status_code == 200
    assert (await chain.http.post(f"{FACES}?face_id=x", content=b"[]")).status_code == 201


@pytest.mark.parametrize(("asked", "passed_on"), [({}, 0.01), ({"rate": "0.002"}, 0.002)])
async def test_a_calibration_is_for_the_rate_asked_or_the_store_s(
    chain: Chain, asked: dict[str, str], passed_on: float
) -> None:
    answer = await chain.http.get("/v1/stores/store-a/calibration", params=asked)

    assert answer.status_code == 200
    assert (answer.json()["store"], answer.json()["rate"]) == ("store-a", passed_on)
