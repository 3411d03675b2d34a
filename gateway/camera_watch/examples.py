"""Answers about cameras as OpenAPI shows them."""

from contract.messages.cameras.agent_status import AgentStatus
from contract.messages.cameras.camera_status import CameraList, CameraStatus, ForgottenCamera
from gateway.http.examples import WHEN

CAMERAS = CameraList(
    cameras=[
        CameraStatus(
            store="store-a",
            camera="door",
            name="Front door",
            listed=True,
            first_at=WHEN,
            last_at=WHEN,
            taken_at=WHEN,
            silent_after_seconds=7200,
            hours=10,
            frames=4210,
            faces=395,
            empty=3893,
            frames_an_hour=421,
            faces_an_hour=39.5,
            empty_share=0.925,
            unfit={"TOO_SMALL": 121},
            face_px=48,
            clock_ahead_seconds=-0.31,
            agent="facegate-camera/0.1.0",
            agent_status=AgentStatus(frames=151200, moved=9310, faces=2104, tracks=131, sent=395),
            hints=["SMALL_FACES"],
        )
    ]
)
FORGOTTEN = ForgottenCamera(store="store-a", camera="door", known=True)
