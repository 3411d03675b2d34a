"""What makers' cameras push, through real processes: a visit is counted, at its time."""

import re
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import plain_http
from tests.cluster.processes import Cluster
from tests.gateway.push import bodies
from tests.gateway.push.bodies import Body, form_part, joined
from tests.pictures import sample
from tests.project import ROOT

SCENE, CROP, BROKEN = (
    sample("obama2.jpg"),
    sample("obama_partial_face.jpg"),
    b"\xff\xd8\xff\xe0" * 99,
)
HOUR = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
PUSH = "/v1/stores/west/cameras/door/push"


def hikvision_xml(at: datetime) -> Body:
    event = form_part("MoveDetection.xml", bodies.hikvision_xml(at.isoformat()), "application/xml")
    return joined("form-data", event, form_part("Picture", SCENE, file="p.jpg"))


def seconds(at: datetime) -> int:
    return int(at.timestamp())


MAKERS: dict[str, Callable[[datetime], Body]] = {
    "hikvision": lambda at: bodies.hikvision(at.isoformat(), 7, CROP, SCENE),
    "hikvision, compared": lambda at: bodies.hikvision(
        bodies.without_zone(at), 8, CROP, SCENE, "faceSnapMatch"
    ),
    "hikvision in XML": hikvision_xml,
    "dahua": lambda at: bodies.dahua(seconds(at), 55, SCENE),
    "dahua, pictures together": lambda at: bodies.dahua(seconds(at), 56, SCENE, CROP),
    "dahua in JSON": lambda at: bodies.dahua_json(seconds(at), 57, SCENE),
    "uniview": lambda at: bodies.uniview(seconds(at), 9, CROP, SCENE),
    "axis": lambda at: bodies.axis_track(at.isoformat(), "t-1", SCENE),
    "onvif": lambda at: bodies.onvif(at.isoformat(), "12", SCENE),
}


def visits(gateway: httpx.Client) -> dict[datetime, int]:
    """Return how many visits of the last days began in each hour of the store's clock."""
    query = {"by": "hour", "from": (HOUR - timedelta(days=3)).date().isoformat()}
    rows = gateway.get("/v1/stores/west/traffic", params=query).json()["rows"]
    return {datetime.fromisoformat(row["start"]): row["pv"] for row in rows if row["pv"]}


def push(gateway: httpx.Client, body: Body) -> httpx.Response:
    return gateway.post(PUSH, content=body.content, headers={"Content-Type": body.content_type})


@pytest.mark.parametrize("maker", MAKERS)
def test_each_makers_event_is_a_visit_of_its_time(gateway: httpx.Client, maker: str) -> None:
    hour = HOUR - timedelta(hours=2 + 2 * list(MAKERS).index(maker))
    body = MAKERS[maker](hour + timedelta(minutes=20))

    first, again = push(gateway, body), push(gateway, body)

    assert (first.status_code, again.status_code) == (200, 200), first.text
    if maker != "uniview":
        assert (first.text, again.text) == ("OK: 1 face\n",) * 2
    assert visits(gateway)[hour.replace(tzinfo=None)] == 1


def test_a_broken_picture_is_taken_and_counted(gateway: httpx.Client) -> None:
    answer = push(gateway, Body("image/jpeg", BROKEN))

    assert (answer.status_code, answer.text) == (200, "OK: refused picture\n")
    assert 'outcome="refused_picture",store="west"' in gateway.get("/metrics").text


def test_credentials_are_neither_refused_nor_logged(shared_cluster: Cluster) -> None:
    url = f"{shared_cluster.gateway.url}{PUSH}"
    given: list[dict[str, Any]] = [
        {"auth": ("camera", "s3cret-1")},
        {"params": {"token": "s3cret-2"}},
        {"headers": {"Authorization": "Bearer s3cret-3"}},
        {"headers": {"Authorization": 'Digest username="camera", response="s3cret-4"'}},
    ]

    answers = [plain_http.put(url, content=BROKEN, **some) for some in given]

    assert [answer.status_code for answer in answers] == [200] * 4
    log = shared_cluster.gateway.log.read_text(encoding="utf-8")
    assert log.count("cameras/door/push 200") >= 4
    assert "s3cret" not in log


def test_what_the_page_says_works(shared_cluster: Cluster, tmp_path: Path) -> None:
    """Every line of docs/cameras.md that sends a picture to the gateway."""
    page = (ROOT / "docs" / "cameras.md").read_text(encoding="utf-8")
    scripts = [
        script
        for script in re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
        if "door/push" in script or "/recognize" in script
    ]
    url = shared_cluster.gateway.url
    (tmp_path / "camera.jpg").write_bytes(SCENE)
    (tmp_path / "face.jpg").write_bytes(CROP)
    tried = "\n".join(scripts).replace("http://127.0.0.1:8000", url).replace("store-b", "west")

    run = subprocess.run(
        [
            "bash",
            "-e",
            "-o",
            "pipefail",
            "-c",
            tried.replace("curl ", "curl -sS --fail-with-body "),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.count("OK: 1 face\n") == len(re.findall("cameras/door/push", tried))
    assert run.stdout.count('"face_id":"obama"') == tried.count("/recognize")
