"""What the topics are called that the gateway publishes to."""

import hashlib
import re
from dataclasses import dataclass

_RESERVED = str.maketrans({character: f"%{ord(character):02X}" for character in "%+#/"})
"""What parts of a topic cannot have; as URLs write it."""
_OTHER = re.compile(r"[^A-Za-z0-9-]")


@dataclass(frozen=True)
class Topics:
    """The topics under `prefix`, and those under `discovery` that Home Assistant looks for."""

    prefix: str
    discovery: str

    @property
    def presence(self) -> str:
        """Where `online` or `offline` says whether a gateway is there; retained."""
        return f"{self.prefix}/status"

    def visits(self, store: str) -> str:
        """Return where the visits to a store are told."""
        return f"{self._of(store)}/visits"

    def state(self, store: str) -> str:
        """Return where is kept who is in a store now; retained."""
        return f"{self._of(store)}/state"

    def camera(self, store: str, camera: str) -> str:
        """Return where is kept whether a camera of a store is alive or silent; retained."""
        return f"{self._of(store)}/cameras/{camera.translate(_RESERVED)}"

    def device(self, store: str) -> str:
        """Return where Home Assistant looks for the store; retained."""
        return f"{self.discovery}/device/{self.device_id(store)}/config"

    def device_id(self, store: str) -> str:
        """Return a name for the store of letters, digits, `-` and `_`, which no other one has."""
        return f"{re.sub(_OTHER, '_', self.prefix)}_{plain_id(store)}"

    def _of(self, store: str) -> str:
        return f"{self.prefix}/{store.translate(_RESERVED)}"


def plain_id(text: str) -> str:
    """Return a name of letters, digits, `-` and `_` for `text`, which nothing else has."""
    name = _OTHER.sub("_", text)
    return name if name == text else f"{name}_{hashlib.sha256(text.encode()).hexdigest()[:8]}"
