"""What an agent says: a line of JSON for programs, or of text for people."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class AgentReport:
    """Says what happens to one camera, to `write`, which takes whole lines from any thread."""

    store: str
    camera: str
    write: Callable[[str], None]
    as_json: bool = False

    def say(self, event: str, text: str, **fields: Any) -> None:
        """Say what happened: `event` and `fields` to programs, `text` to people."""
        if not self.as_json:
            self.write(f"{self.store}, {self.camera}: {text}")
            return
        time = datetime.now(UTC).isoformat(timespec="milliseconds")
        said = {"time": time, "event": event, "store": self.store, "camera": self.camera, **fields}
        self.write(json.dumps(said, ensure_ascii=False))
