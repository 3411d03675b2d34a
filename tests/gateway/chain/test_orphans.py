"""Galleries without a store are shown to operators."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from shard.gallery.gallery import Gallery
from tests.gateway.fake_chain import Chain, running, until


async def test_a_gallery_whose_store_no_map_names_is_shown(tmp_path: Path) -> None:
    for store in ("store-a", "旧 店"):
        folder = {"store-a": "store-a", "旧 店": "%E6%97%A7%20%E5%BA%97"}[store]
        Gallery.open(tmp_path / folder / "gallery.sqlite3", store).close()
    broken = tmp_path / "broken" / "gallery.sqlite3"
    broken.parent.mkdir()
    broken.write_bytes(b"no database" * 1000)

    no_text = tmp_path / os.fsdecode(b"\xff")
    no_text.mkdir()
    (no_text / "gallery.sqlite3").touch()
    (tmp_path / "endless").mkdir()
    os.mkfifo(tmp_path / "endless" / "gallery.sqlite3")
    (tmp_path / "odd").mkdir()
    with closing(sqlite3.connect(tmp_path / "odd" / "gallery.sqlite3")) as file, file:
        file.execute("CREATE TABLE meta (store)")
        file.execute("INSERT INTO meta VALUES (7)")

    async with running(tmp_path) as chain:
        await until(lambda: shows_orphans(chain))
        found = (await chain.cluster())["orphans"]
        page = (await chain.http.get("/cluster")).text

    assert [(one["store"], one["faces"]) for one in found] == [
        ("旧 店", 0),
        ("broken", None),
        ("odd", None),
        ("?", None),
    ]
    assert found[1]["path"] == str(broken)
    assert "Gallery without a store: “旧 店”, 0 FaceIds" in page


async def shows_orphans(chain: Chain) -> bool:
    return bool((await chain.cluster())["orphans"])
