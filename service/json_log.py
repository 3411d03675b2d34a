"""Logs as one JSON object a line on standard error, each with the id of its request.

No line shows the secret of a key, whatever it quotes.
"""

import json
import logging
import sys
import time
from functools import lru_cache

from contract.text.access_key import without_secrets
from service import request_id

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "taskName"}
"""What every record has; the rest is what its caller added."""


class _JsonLines(logging.Formatter):
    """Made for the two lines that every picture writes: a fifth of what a general one takes."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service
        self._encode = json.JSONEncoder(ensure_ascii=False, default=str).encode

    def format(self, record: logging.LogRecord) -> str:
        second, fraction = divmod(int(record.created * 1000), 1000)
        fields = {
            "time": f"{_timestamp(second)},{fraction:03}",
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": request_id.current.get(),
            "service": self._service,
        }
        fields |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info:
            fields["exc_info"] = self.formatException(record.exc_info)
        if record.stack_info:
            fields["stack_info"] = self.formatStack(record.stack_info)
        return without_secrets(self._encode(fields))


@lru_cache(maxsize=2)
def _timestamp(second: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(second))


def set_up_logging(service: str, level: str) -> None:
    """Send every log record of this process to standard error as JSON; `service` names it.

    What no line shows is not collected: `logging` looks for the caller's file, thread and process
    at every record otherwise.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines(service))
    logging.basicConfig(handlers=[handler], level=level, force=True)
    logging._srcfile = None  # as Python's documentation of `logging` says under Optimization
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
