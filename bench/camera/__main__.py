"""`python -m bench.camera`: the agent beside a camera, against sending every frame.

`facegate up` as users start it; videos of people of ../shared/lfw who walk through, and the clip.
Each way of sending has a store of its own, which counts people whom nobody would know again, too
(`count_unfit: visits`). Exits with 1 when a bar is missed.
"""

import argparse
import io
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
from PIL import Image
from rich.console import Console
from rich.table import Table

from bench.camera.crowd import BenchVideo, clip, walkers
from bench.service.systems import facegate_up
from bench.verdict import Verdict
from facegate import Client
from facegate.camera.agent import CameraAgent
from facegate.camera.agent_plan import AgentPlan
from facegate.camera.seeing.shot import JPEG_QUALITY
from facegate.camera.sources.source_address import parse_source
from facegate.camera.sources.source_options import STREAM_RATE, SourceOptions
from tests.pictures import SHARED
from tests.ports import free_port

PEOPLE, QUICK_PEOPLE = 16, 5
FEWER_BYTES = 20
_NAMED_SECONDS = 8.0
"""A track is named after three seconds, in the background."""
_WIDTH = 150


@dataclass(frozen=True)
class SentRow:
    """What one way of sending a video took, and whom it counted."""

    video: str
    way: str
    pictures: int
    bytes: int
    visits: int
    visitors: int
    unfit: int
    cpu: float
    """Seconds of CPU beside the camera, for each second of video."""


def frames_in(video: BenchVideo) -> Iterator[tuple[float, bytes]]:
    """Yield every frame's second, and the frame as a JPEG file."""
    with av.open(str(video.path)) as container:
        for frame in container.decode(video=0):
            file = io.BytesIO()
            Image.fromarray(frame.to_ndarray(format="rgb24")).save(
                file, "JPEG", quality=JPEG_QUALITY
            )
            yield frame.time or 0.0, file.getvalue()


def post_every_frame(client: Client, store: str, video: BenchVideo, began: datetime) -> SentRow:
    """Post every frame by itself, as a camera without an agent does."""
    pictures = size = 0
    for second, jpeg in frames_in(video):
        at = began + timedelta(seconds=second)
        client.recognize(store, jpeg, camera="door", captured_at=at, frame=pictures)
        pictures, size = pictures + 1, size + len(jpeg)
    return _counted(client, store, video, "every frame", pictures, size, began, 0.0)


def run_agent(
    client: Client, store: str, video: BenchVideo, began: datetime, folder: Path, rate: float
) -> SentRow:
    """Have the agent watch the video."""
    plan = AgentPlan(
        store,
        "door",
        parse_source(str(video.path)),
        client.url,
        folder,
        SourceOptions(rate=rate, started_at=began),
        once=True,
    )
    started = time.process_time()
    agent = CameraAgent(plan, lambda line: None, as_json=True)
    try:
        agent.run()
        spent = time.process_time() - started
        agent.deliver()
    finally:
        agent.close()
    counts, seconds = agent.counts, agent.counts.frames / rate
    time.sleep(_NAMED_SECONDS)
    way = f"the agent, {rate:g} a second"
    cpu = spent / seconds
    return _counted(client, store, video, way, counts.sent, counts.bytes, began, cpu)


def _counted(
    client: Client,
    store: str,
    video: BenchVideo,
    way: str,
    pictures: int,
    size: int,
    began: datetime,
    cpu: float,
) -> SentRow:
    day = began.date()
    counted = client.traffic(
        store, start=day.isoformat(), end=(day + timedelta(days=1)).isoformat()
    )
    return SentRow(
        video.name, way, pictures, size, counted.pv, counted.uv, counted.faces_unfit, cpu
    )


def verdicts(rows: list[SentRow], videos: list[BenchVideo]) -> Iterator[Verdict]:
    """Yield the bars of each video."""
    usual = f"the agent, {STREAM_RATE:g} a second"
    for video in videos:
        of_video = {row.way: row for row in rows if row.video == video.name}
        every, agent = of_video["every frame"], of_video[usual]
        times = every.bytes / max(1, agent.bytes)
        yield Verdict(
            f"{video.name}: {FEWER_BYTES} times fewer bytes", times >= FEWER_BYTES, f"{times:.1f}"
        )
        yield Verdict(
            f"{video.name}: visits right to the unit",
            agent.visits == video.people,
            f"{agent.visits} of {video.people}",
        )


def show(rows: list[SentRow]) -> None:
    """Print the table."""
    table = Table("video", "way", "pictures", "kB", "visits", "visitors", "unfit", "CPU s a second")
    for row in rows:
        table.add_row(
            *(row.video, row.way, f"{row.pictures}", f"{row.bytes / 1000:,.0f}"),
            *(f"{row.visits}", f"{row.visitors}", f"{row.unfit}"),
            f"{row.cpu:.2f}" if row.cpu else "",
        )
    Console(width=_WIDTH).print(table)


def main() -> int:
    """Measure; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer people, and one rate")
    parser.add_argument("--rates", type=float, nargs="*", help="pictures a second to look at")
    given = parser.parse_args()
    if not (SHARED / "lfw").is_dir():
        print("bench.camera needs ../shared/lfw")
        return 0
    rates = given.rates or [STREAM_RATE]
    rows: list[SentRow] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        people = walkers(folder, QUICK_PEOPLE if given.quick else PEOPLE)
        videos = [video for video in (people, clip()) if video is not None]
        ways = ["every", *(f"agent-{number}" for number in range(len(rates)))]
        together = {
            "cross_store": "nobody",
            "count_unfit": "visits",
            "shards": [f"127.0.0.1:{free_port()}"],
        }
        stores = {f"{way}-{number}": together for way in ways for number in range(len(videos))}
        began = datetime.now(UTC).replace(hour=12) - timedelta(days=1)
        with (
            facegate_up(stores, folder / "up", {}) as system,
            Client(f"http://127.0.0.1:{system.port}") as client,
        ):
            for number, video in enumerate(videos):
                rows.append(post_every_frame(client, f"every-{number}", video, began))
                for place, rate in enumerate(rates):
                    store = f"agent-{place}-{number}"
                    rows.append(run_agent(client, store, video, began, folder / "spool", rate))
    show(rows)
    judged = list(verdicts(rows, videos)) if STREAM_RATE in rates else []
    print("\n".join(verdict.line for verdict in judged))
    return 0 if all(verdict.met for verdict in judged) else 1


if __name__ == "__main__":
    sys.exit(main())
