"""`facegate enroll STORE FACE_ID PICTURE...`: store faces under a FaceId."""

from pathlib import Path
from typing import Any

import click
from rich.markup import escape

from facegate.client.api_error import ApiError
from facegate.commands.options import (
    SOME_REFUSED,
    gateway_client,
    json_option,
    output,
    remarks,
    url_option,
)
from facegate.commands.printing import print_json


@click.command()
@click.argument("store")
@click.argument("face_id")
@click.argument(
    "pictures",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
)
@click.option("--member", "member_id", help="Bind the FaceId to this member.")
@click.option(
    "--force",
    is_flag=True,
    help="Also a picture that is not like FACE_ID's own, or like somebody else's.",
)
@url_option
@json_option
@click.pass_context
def enroll(
    context: click.Context,
    *,
    store: str,
    face_id: str,
    pictures: tuple[Path, ...],
    member_id: str | None,
    force: bool,
    url: str,
    as_json: bool,
) -> None:
    """Store the one face in each PICTURE under FACE_ID of STORE.

    A picture that is not like FACE_ID's own, or like somebody else's, is refused unless you --force
    it; what speaks against it is then printed.
    """
    results: list[dict[str, Any]] = []
    with gateway_client(url) as client:
        for picture in pictures:
            try:
                answer = client.enroll(store, face_id, picture, member_id=member_id, force=force)
            except ApiError as error:
                if error.status == 404:
                    raise
                hint = "; --force enrols it anyway" if error.warnings else ""
                remarks().print(f"[red]{picture}[/] refused: {escape(str(error))}{hint}")
                results.append({"picture": str(picture), "error": _refusal(error)})
                continue
            results.append({"picture": str(picture), **answer.model_dump(mode="json")})
            for warning in answer.warnings:
                remarks().print(f"[yellow]{picture}[/]: {escape(warning.detail)}")
            if not as_json:
                output().print(f"{picture}: {answer.outcome} as {answer.face_id} in {answer.store}")
    if as_json:
        print_json(results)
    if any("error" in result for result in results):
        context.exit(SOME_REFUSED)


def _refusal(error: ApiError) -> dict[str, Any]:
    warnings = [warning.model_dump(mode="json") for warning in error.warnings]
    return {"code": error.code, "detail": str(error)} | ({"warnings": warnings} if warnings else {})
