"""The ways of counting that are compared, by name."""

from collections.abc import Mapping

from facegate.evaluation.counting.counting_rule import Policy
from facegate.evaluation.counting.first_frame import FirstFrameRule
from facegate.evaluation.counting.learning import LearningRule
from facegate.evaluation.counting.looking_again import LookingAgainRule
from facegate.evaluation.counting.simulated_gallery import OfKind
from facegate.evaluation.counting.whole_track import WholeTrackRule

_SURE = 0.1
"""What is learned from would be somebody else's visit in so small a part of the cases."""


def policies(rate: float) -> Mapping[str, Policy]:
    """Return the rules; a share `rate` of strangers may be taken for somebody."""
    rates, sure = OfKind(rate, rate), OfKind(_SURE * rate, _SURE * rate)
    return {
        "first frame": lambda: FirstFrameRule(rates),
        "whole track": lambda: WholeTrackRule(rates),
        "learning": lambda: LearningRule(WholeTrackRule(rates), sure),
        "looking again": lambda: LookingAgainRule(WholeTrackRule(rates)),
        "learning, looking again": lambda: LookingAgainRule(
            LearningRule(WholeTrackRule(rates), sure)
        ),
    }
