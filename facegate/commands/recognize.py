"""`facegate recognize STORE PICTURE...`: ask as the store's camera would."""

from pathlib import Path
from typing import Any, get_args

import click

from contract.messages.recognition import RecognizeAnswer
from contract.stores.detection import Detector
from facegate.client.api_error import ApiError
from facegate.commands.options import (
    SOME_REFUSED,
    gateway_client,
    json_option,
    output,
    progress_bar,
    remarks,
    url_option,
)
from facegate.commands.printing import print_json
from facegate.output.recognition_table import RecognitionTable


@click.command()
@click.argument("store")
@click.argument(
    "pictures",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
)
@click.option(
    "--mint/--no-mint", default=True, help="Give strangers a new FaceId.  [default: mint]"
)
@click.option(
    "--candidates", type=click.IntRange(0, 20), default=0, help="Show the best K, passing or not."
)
@click.option("--camera", help="Which camera took them; its tracks are its own.")
@click.option(
    "--detector",
    type=click.Choice(get_args(Detector)),
    help="What finds faces, instead of the store's own.",
)
@click.option("--track", help="The pictures are frames of this one person walking in.")
@url_option
@json_option
@click.pass_context
def recognize(
    context: click.Context,
    *,
    store: str,
    pictures: tuple[Path, ...],
    mint: bool,
    candidates: int,
    camera: str | None,
    track: str | None,
    detector: Detector | None,
    url: str,
    as_json: bool,
) -> None:
    """Recognise who is in each PICTURE, asked from STORE."""
    answers: list[tuple[Path, RecognizeAnswer | ApiError]] = []
    with gateway_client(url) as client, progress_bar(remarks()) as bar:
        for picture in bar.track(pictures, description="recognising"):
            try:
                answer = client.recognize(
                    store,
                    picture,
                    mint=mint,
                    candidates=candidates,
                    camera=camera,
                    track=track,
                    detector=detector,
                )
                answers.append((picture, answer))
            except ApiError as error:
                if error.status == 404:
                    raise
                answers.append((picture, error))
    if as_json:
        print_json([_as_json(picture, answer) for picture, answer in answers])
    else:
        output().print(_table(store, answers).table)
    if any(isinstance(answer, ApiError) for _, answer in answers):
        context.exit(SOME_REFUSED)


def _table(store: str, answers: list[tuple[Path, RecognizeAnswer | ApiError]]) -> RecognitionTable:
    table = RecognitionTable()
    for picture, answer in answers:
        if isinstance(answer, ApiError):
            table.add_error(picture.name, store, str(answer))
        else:
            table.add(picture.name, answer)
    return table


def _as_json(picture: Path, answer: RecognizeAnswer | ApiError) -> dict[str, Any]:
    if isinstance(answer, ApiError):
        return {"picture": str(picture), "error": {"code": answer.code, "detail": str(answer)}}
    return {"picture": str(picture), **answer.model_dump(mode="json")}
