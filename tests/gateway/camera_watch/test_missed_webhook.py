"""A receiver of webhooks is told which camera is missed, and that it is back."""

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.gateway.fake_chain import ANNA, running, until
from tests.gateway.receiver import Receiver

DAYS = 2 * 24 * 3_600_000
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


async def test_a_receiver_is_told_of_a_camera_that_is_silent_and_back(tmp_path: Path) -> None:
    receiver = Receiver(secret=SECRET)
    await receiver.start()
    async with running(tmp_path, webhook_hosts=receiver.host) as chain:
        hook = {"url": receiver.url, "secret": SECRET}
        assert (await chain.http.put("/v1/webhooks/alarm", json=hook)).status_code == 200
        await chain.recognize("store-a", ANNA, camera="door")
        await chain.http.get("/v1/cameras")  # it is in the record now

        with closing(sqlite3.connect(tmp_path / "gateway.sqlite")) as record, record:
            record.execute("UPDATE cameras SET last_at = last_at - ?", [DAYS])

        def told() -> list[tuple[str, str, str]]:
            events = [event for event in receiver.got if event["event"] == "camera"]
            return [(e["data"]["store"], e["data"]["camera"], e["data"]["change"]) for e in events]

        await until(lambda: told() == [("store-a", "door", "silent")], 30)
        await chain.recognize("store-a", ANNA, camera="door")
        await until(lambda: told()[1:] == [("store-a", "door", "back")], 30)
    await receiver.stop()
    assert receiver.wrong == []  # each was signed
