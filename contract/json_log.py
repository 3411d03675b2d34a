"""Logs as one JSON object a line on standard error, each with the id of its request."""

import logging
import sys

from pythonjsonlogger.json import JsonFormatter

from contract import request_id


class _RequestIdFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.current.get()
        return True


def set_up_logging(service: str, level: str) -> None:
    """Send every log record of this process to standard error as JSON; `service` names it."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_RequestIdFilter())
    handler.setFormatter(
        JsonFormatter(
            "%(asctime)s %(levelname)s %(name)s %(message)s %(request_id)s",
            rename_fields={"asctime": "time", "levelname": "level", "name": "logger"},
            static_fields={"service": service},
            json_ensure_ascii=False,
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
