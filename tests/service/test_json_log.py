"""A line of the log is one JSON object that keeps its fields."""

import json
import subprocess
import sys

import pytest

LOG_TWICE = """
import logging
from service import request_id
from service.json_log import set_up_logging

set_up_logging("gateway", "INFO")
log = logging.getLogger("gateway.recognition.recognition")
request_id.current.set("r-1")
log.debug("not told")
log.info("recognised in %s", "门店", extra={"store": "门店", "matches": ["home"], "camera": None})
try:
    {}["missing"]
except KeyError as error:
    log.exception("failed\\n", extra={"error": error})
"""


@pytest.mark.processes
def test_a_line_has_its_fields_and_those_of_its_caller() -> None:
    command = [sys.executable, "-c", LOG_TWICE]
    run = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    first, second = map(json.loads, run.stderr.splitlines())

    moment = first.pop("time")
    assert len(moment) == len("2026-05-04 09:30:00,123")
    assert moment[19] == ","
    assert first == {
        "level": "INFO",
        "logger": "gateway.recognition.recognition",
        "message": "recognised in 门店",
        "request_id": "r-1",
        "service": "gateway",
        "store": "门店",
        "matches": ["home"],
        "camera": None,
    }
    assert (second["level"], second["message"], second["error"]) == (
        "ERROR",
        "failed\n",
        "'missing'",
    )
    assert second["exc_info"].startswith("Traceback (most recent call last):\n")
    assert second["exc_info"].endswith("KeyError: 'missing'")
