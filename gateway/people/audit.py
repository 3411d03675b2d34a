"""Who did what to whose data, as lines of the log. They name ids, never names of people."""

import logging

from service import request_id

log = logging.getLogger("audit")


def audit(action: str, **subject: object) -> None:
    """Write one line about an action that was asked for and is stored."""
    told = " ".join(f"{name}={value}" for name, value in subject.items() if value is not None)
    details = {name: value for name, value in subject.items() if value is not None}
    log.info(
        "%s %s",
        action,
        told,
        extra={"audit": action, "subject": details, "request": request_id.current.get()},
    )
