"""The gateway's door for one camera."""

from dataclasses import replace
from datetime import datetime
from importlib.metadata import version

from contract.messages.cameras.agent_status import AGENT_HEADER, STATUS_HEADER
from contract.messages.recognition import RecognizeAnswer
from facegate.camera.counts import AgentCounts
from facegate.camera.outgoing.posting import Posting
from facegate.client.api_call import ApiCall, nothing, store_path
from facegate.client.calls.recognition import recognize
from facegate.client.gateway_key import Key
from facegate.client.http_transport import Transport

_SECONDS = 30.0


class GatewayDoor:
    """Posts pictures of one camera. Raises ApiError and GatewayUnreachable."""

    def __init__(
        self, url: str, store: str, camera: str, counts: AgentCounts, key: Key | None = None
    ) -> None:
        self.url = url.rstrip("/")
        self._store, self._camera = store, camera
        self._counts = counts
        self._transport = Transport(self.url, _SECONDS, 0, key)
        self._agent = f"facegate-camera/{version('facegate')}"

    @property
    def time(self) -> datetime | None:
        """The gateway's time, as its last answer says it."""
        return self._transport.date

    def post(self, posting: Posting) -> RecognizeAnswer:
        """Ask who is in a picture; the same posting is counted once."""
        call = recognize(
            self._store,
            posting.picture,
            camera=self._camera,
            track=posting.track,
            captured_at=posting.captured_at,
            frame=posting.frame,
            cut_out=posting.is_cut_out,
            detector=posting.detector,
        )
        return self._transport.send(replace(call, headers=self._headers))

    def beat(self) -> None:
        """Tell that the camera shows pictures, though nobody comes."""
        said = {"event": "heartbeat"}
        path = store_path(self._store, "cameras", self._camera, "push")
        call = ApiCall("POST", path, nothing, message=said, headers=self._headers)
        self._transport.send(call)

    @property
    def _headers(self) -> dict[str, str]:
        status = self._counts.status.model_dump_json()
        return {AGENT_HEADER: self._agent, STATUS_HEADER: status}

    def close(self) -> None:
        """Close the connection."""
        self._transport.close()
