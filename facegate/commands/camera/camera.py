"""`facegate camera STORE SOURCE`: watch a camera and send the gateway whom it sees."""

from datetime import datetime
from pathlib import Path
from typing import get_args

import click

from contract.errors import BadRequest, FacegateError
from contract.stores.detection import (
    LARGEST_FACE,
    SMALLEST_FACE,
    Detection,
    Detector,
    Rotation,
)
from contract.text.identifiers import CAMERA, STORE
from contract.text.moment import moment_of
from facegate.camera.agent import PATIENCE_SECONDS, CameraAgent
from facegate.camera.agent_plan import AgentPlan
from facegate.camera.sources.credentials import CameraSettings, signed_in
from facegate.camera.sources.source_address import SourceAddress, has_password, masked, parse_source
from facegate.camera.sources.source_lost import SourceLost
from facegate.camera.sources.source_options import SNAPSHOT_RATE, STREAM_RATE, SourceOptions
from facegate.camera.sources.source_options import Transport as RtspTransport
from facegate.camera.watcher import Sent
from facegate.client.known_key import known_key
from facegate.commands.camera.agent_options import (
    LEAVING_SECONDS,
    agent_options,
    agent_writer,
    serve_metrics,
)
from facegate.commands.interrupt import ending_on_signals
from facegate.commands.options import CommandError, NoAnswer
from service.environment_settings import read_settings
from service.files.private_files import close_to_others, keep_files_private


def _source(context: click.Context, parameter: click.Parameter, value: str) -> SourceAddress:
    if has_password(value):
        raise click.BadParameter(
            f"{masked(value)}: a password on a command line is seen by everybody on this machine;"
            " put it into FACEGATE_CAMERA_USER and FACEGATE_CAMERA_PASSWORD, or into the netrc file"
            " that FACEGATE_CAMERA_CREDENTIALS names"
        )
    try:
        return parse_source(value)
    except BadRequest as error:
        raise click.BadParameter(error.detail) from error


def _moment(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> datetime | None:
    try:
        return None if value is None else moment_of(value)
    except FacegateError as error:
        raise click.BadParameter(str(error)) from error


@click.command()
@click.argument("store")
@click.argument("source", callback=_source)
@click.option("--camera", metavar="NAME", help="What the camera is called.  [default: its host]")
@click.option(
    "--patience",
    type=click.FloatRange(0),
    default=PATIENCE_SECONDS,
    show_default=True,
    help="Seconds to wait at the end for a gateway that is away.",
)
@click.option("--once", is_flag=True, help="End with the source: read a folder or stream once.")
@click.option(
    "--send",
    type=click.Choice(get_args(Sent)),
    default="faces",
    show_default=True,
    help="Send the best of each face, or every whole frame that shows one.",
)
@click.option(
    "--fps",
    type=click.FloatRange(0.1, 30),
    help="Pictures a second to look at."
    f"  [default: {STREAM_RATE:g}, of snapshots {SNAPSHOT_RATE:g}]",
)
@click.option(
    "--min-face-px",
    type=click.IntRange(SMALLEST_FACE, LARGEST_FACE),
    help="Find faces from this width on.  [default: about 70 pixels of 1024]",
)
@click.option(
    "--detector",
    type=click.Choice(get_args(Detector)),
    default="auto",
    show_default=True,
    help="hog sees faces from the front; cnn also profiles and masks, in twenty times the time;"
    " auto asks cnn where hog is not enough.",
)
@click.option(
    "--rotate",
    type=click.Choice(get_args(Rotation)),
    default=0,
    show_default=True,
    help="Degrees by which pictures are turned clockwise to be upright.",
)
@click.option(
    "--transport",
    type=click.Choice(get_args(RtspTransport)),
    default="tcp",
    show_default=True,
    help="How an RTSP stream comes.",
)
@click.option(
    "--hardware", metavar="NAME", help="Decode with vaapi, cuda, videotoolbox, …, where it can."
)
@click.option(
    "--started-at",
    metavar="TIME",
    callback=_moment,
    help="When a video file begins, RFC 3339.  [default: it ends now]",
)
@agent_options
def camera(
    *,
    store: str,
    source: SourceAddress,
    camera: str | None,
    patience: float,
    once: bool,
    send: Sent,
    fps: float | None,
    min_face_px: int | None,
    detector: Detector,
    rotate: Rotation,
    transport: RtspTransport,
    hardware: str | None,
    started_at: datetime | None,
    url: str,
    spool: Path,
    spool_mb: int,
    metrics: str | None,
    as_json: bool,
) -> None:
    """Watch SOURCE, a camera of STORE, and send the gateway the best shots of whoever it shows.

    SOURCE is rtsp://…, http://… (an MJPEG stream or a snapshot), webcam:0, a video file, or a
    folder of pictures. Only moments in which something moves are looked at; faces are found here
    and followed, and of each person at most five shots are sent, as one track. While the gateway is
    away they wait on disk.

    A file ends by itself; a stream is connected again whenever it is lost, until Ctrl-C. Exit code
    1: the file is no video; 3: the gateway is away, and what was not sent waits for the next run.
    """
    keep_files_private()
    close_to_others(spool)
    settings = read_settings(CameraSettings)
    address = signed_in(source, settings)
    plan = AgentPlan(
        STORE(store),
        CAMERA(camera or address.name),
        address,
        url,
        spool,
        SourceOptions(fps, transport, hardware, started_at),
        Detection(detector, min_face_px, rotate),
        settings.cnn_share,
        send,
        once,
        spool_mb * 1_000_000,
        known_key(url),
    )
    agent = CameraAgent(plan, agent_writer(as_json), as_json=as_json)
    try:
        serve_metrics(metrics, lambda: [agent])
        agent.report.say("started", f"watching {address.shown}", source=address.shown)
        is_at_end = False
        with ending_on_signals():
            agent.run()
            is_at_end = True
        delivered = agent.deliver(patience if is_at_end else LEAVING_SECONDS)
    except SourceLost as error:
        raise CommandError(f"{address.shown}: {error}") from error
    finally:
        agent.close()
    agent.say_counts("summary")
    if is_at_end and not delivered:
        raise NoAnswer(
            f"{agent.counts.spooled} pictures wait in {plan.folder}: the next run sends them"
        )
