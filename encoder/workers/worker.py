"""One encoder in a process of its own: `python -m encoder.workers.worker START`.

Standard input: for each picture the line that announces it, then the file. Standard output: first
`ready`, then for each picture `taken` and its answer. The lines are those of worker_messages. The
end of the input ends the process, so that it does not outlive its parent.
"""

import os
import resource
import signal
import sys
from typing import Any, BinaryIO

from contract.errors import ConfigurationError, FacegateError, TooManyPixels
from encoder.interface import Encoder
from encoder.load.encoder import load_encoder
from encoder.picture.limits import PictureLimits
from encoder.workers import messages as worker_messages

_SECONDS_A_PICTURE = 60
"""The parent gives up long before; this ends a worker whose picture hangs and whose parent died."""
_TOO_MUCH_MEMORY = "the picture takes more memory than one may"
_BASE_MEMORY = 600_000_000
"""Bytes for the models and for small pictures; measured: 190 MB, 360 with the CNN detector."""
_MEMORY_A_PIXEL = 24
"""Bytes; measured from the file to the vectors: 8, and 16 for WebP with alpha."""


def main() -> None:
    """Serve pictures from standard input until it ends."""
    choice, limits = worker_messages.start_of(sys.argv[1])
    answers = _take_standard_output()
    _cap_memory(limits)
    try:
        encoder = load_encoder(choice, limits)
    except ConfigurationError as error:
        _send(answers, {worker_messages.FAILED: error.detail})
        return
    _send(answers, worker_messages.ready_message(encoder))
    _serve(encoder, sys.stdin.buffer, answers)


def _serve(encoder: Encoder, pictures: BinaryIO, answers: BinaryIO) -> None:
    while request := worker_messages.read_request(pictures):
        _send(answers, {worker_messages.TAKEN: True})
        signal.alarm(_SECONDS_A_PICTURE)
        try:
            faces = encoder.encode(request.picture, request.detection, to_enroll=request.to_enroll)
            answer = worker_messages.answer_with_faces(faces)
        except FacegateError as error:
            answer = worker_messages.answer_with_refusal(error)
        except MemoryError:
            answer = worker_messages.answer_with_refusal(TooManyPixels(_TOO_MUCH_MEMORY))
        signal.alarm(0)
        _send(answers, answer)


def _send(answers: BinaryIO, message: dict[str, Any]) -> None:
    answers.write(worker_messages.to_line(message))
    answers.flush()


def _take_standard_output() -> BinaryIO:
    """Return standard output, and point what libraries print at standard error instead."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


def _cap_memory(limits: PictureLimits) -> None:
    """Make a picture that unfolds to gigabytes fail here, before the machine feels it."""
    cap = _BASE_MEMORY + _MEMORY_A_PIXEL * limits.max_pixels
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard == resource.RLIM_INFINITY or cap < hard:
        resource.setrlimit(resource.RLIMIT_DATA, (cap, hard))


if __name__ == "__main__":
    main()
