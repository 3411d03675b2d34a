"""Examples of answers, as OpenAPI wants them."""

from typing import Any

from contract.messages.calibration import Calibration, ScoreHistogram, Share
from contract.messages.message import Message


def example_of(
    example: Message,
    status: int = 200,
    model: type[Message] | None = None,
    table: bool = False,
) -> dict[int | str, dict[str, Any]]:
    """Return what OpenAPI says of an answer like `example`.

    `model`: its type, where the route itself does not name it. `table`: the route also answers CSV.
    """
    content: dict[str, Any] = {
        "application/json": {"example": example.model_dump(mode="json", by_alias=True)}
    }
    if table:
        content["text/csv"] = {"schema": {"type": "string"}}
    return {status: {"content": content, **({"model": model} if model else {})}}


CALIBRATION = Calibration(
    store="store-a",
    faces=120,
    several=48,
    rate=0.01,
    threshold=6.2,
    scores=ScoreHistogram(edges=[-20, 0, 6, 40], genuine=[0, 6, 90], impostor=[13900, 378, 2]),
    strangers=Share(value=0.008, low=0, high=0.025),
    members=Share(value=0.94, low=0.88, high=0.99),
    score=Share(value=5.9, low=5.1, high=7.0),
    recommended=0.013,
    missed=Share(value=0.061, low=0.032, high=0.094),
    confused=Share(value=0.012, low=0, high=0.028),
)
