"""A picture that is to be sent, with what the gateway is told about it."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Self

from contract.stores.detection import Detector


class DamagedPosting(Exception):
    """A file is not as it was written."""


@dataclass(frozen=True)
class Posting:
    """One request of a camera, whose spool it is in. `frame` names it: it is counted once."""

    frame: str
    captured_at: datetime
    picture: bytes
    track: str | None = None
    detector: Detector | None = None
    """What has found the face, where the store's own detector may not see it."""

    @property
    def is_cut_out(self) -> bool:
        """Whether it is a part of a picture, which was turned and chosen here."""
        return self.track is not None

    def to_bytes(self) -> bytes:
        """Return it as a file has it: a line of JSON, then the picture."""
        said = asdict(replace(self, picture=b"")) | {
            "captured_at": self.captured_at.isoformat(),
            "picture": hashlib.sha256(self.picture).hexdigest(),
        }
        return json.dumps(said).encode() + b"\n" + self.picture

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """Return what a file has. Raises DamagedPosting."""
        line, _, picture = content.partition(b"\n")
        try:
            said = json.loads(line)
            whole = said["picture"] == hashlib.sha256(picture).hexdigest()
            said |= {
                "picture": picture,
                "captured_at": datetime.fromisoformat(said["captured_at"]),
            }
            posting = cls(**said)
        except (ValueError, TypeError, KeyError) as error:
            raise DamagedPosting from error
        if not whole:
            raise DamagedPosting
        return posting
