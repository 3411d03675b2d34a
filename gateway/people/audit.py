"""The audit log: what was done to whose data. Its lines hold ids, never names of people."""

import logging

from service import request_id

log = logging.getLogger("audit")


def audit(action: str, **subject: object) -> None:
    """Write one line about an action that was asked for and is stored."""
    text = " ".join(f"{name}={value}" for name, value in subject.items() if value is not None)
    details = {name: value for name, value in subject.items() if value is not None}
    log.info(
        "%s %s",
        action,
        text,
        extra={"audit": action, "subject": details, "request": request_id.current.get()},
    )
