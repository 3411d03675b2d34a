"""Answers about pictures as OpenAPI shows them."""

from contract.messages.calibration import Calibration, ScoreHistogram, Share
from contract.messages.recognition import (
    CompareAnswer,
    Coverage,
    RecognizeAnswer,
    RecognizedFace,
    SearchedFace,
    SearchPictureAnswer,
    Timing,
    VisitMark,
)
from gateway.http.examples import BOX, CANDIDATE, MEMBER_CARD, WHEN

_COVERAGE = Coverage(asked=3, answered=2, failed={"store-c": "timeout"}, complete=False)
_REQUEST = "5f0c6a1e9d5b4a0c8f0e8f3f6d7b9a21"
RECOGNIZED = RecognizeAnswer(
    store="store-b",
    faces=[
        RecognizedFace(
            box=BOX,
            match="roaming",
            face_id="095",
            store="store-a",
            kind="member",
            score=7.31,
            threshold=4.97,
            distance=0.31,
            member=MEMBER_CARD,
            visit=VisitMark(id="481516", new=True, count=4, returning=False),
            candidates=[CANDIDATE],
        )
    ],
    captured_at=WHEN,
    coverage=_COVERAGE,
    timing_ms=Timing(encode=31.2, home=33.0, fan_out=4.1, total=39.0),
    request_id=_REQUEST,
)
SEARCHED = SearchPictureAnswer(
    faces=[SearchedFace(box=BOX, match=CANDIDATE, candidates=[CANDIDATE])],
    coverage=_COVERAGE,
    request_id=_REQUEST,
)
COMPARED = CompareAnswer(same=True, score=7.31, threshold=-2.94, distance=0.31)
CALIBRATION = Calibration(
    store="store-a",
    faces=120,
    several=48,
    rate=0.01,
    threshold=6.2,
    scores=ScoreHistogram(edges=[-20, 0, 6, 40], genuine=[0, 6, 90], impostor=[13900, 378, 2]),
    strangers=Share(value=0.008, low=0, high=0.025),
    members=Share(value=0.94, low=0.88, high=0.99),
    score=Share(value=5.9, low=5.1, high=7.0),
    recommended=0.013,
)
