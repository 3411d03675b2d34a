"""The ways of counting that are compared, by name."""

from collections.abc import Mapping

from contract.messages.by_kind import ByKind
from facegate.evaluation.counting.counting_rule import Policy
from facegate.evaluation.counting.first_frame import FirstFrameRule
from facegate.evaluation.counting.learning import LearningRule
from facegate.evaluation.counting.looking_again import LookingAgainRule
from facegate.evaluation.counting.whole_track import WholeTrackRule

SHIPPED = "learning, looking again"
"""How stores count."""


def policies(rates: ByKind[float]) -> Mapping[str, Policy]:
    """Return the rules; shares `rates` of strangers may be taken for a member, for a visitor.

    Where the first frame counts there is one limit for both, that of members.
    """
    one_limit = ByKind(rates.member, rates.member)
    return {
        "first frame": lambda: FirstFrameRule(one_limit),
        "whole track": lambda: WholeTrackRule(rates),
        "learning": lambda: LearningRule(WholeTrackRule(rates), rates),
        "looking again": lambda: LookingAgainRule(WholeTrackRule(rates)),
        SHIPPED: lambda: LookingAgainRule(LearningRule(WholeTrackRule(rates), rates)),
    }
