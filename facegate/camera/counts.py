"""What an agent has done since it began."""

from dataclasses import asdict, dataclass, field

from contract.messages.cameras.agent_status import AgentProblem, AgentStatus


@dataclass
class AgentCounts:
    """Each number is counted by one thread alone: that of the camera, or that of the sender."""

    frames: int = 0
    """Frames that were looked at."""
    moved: int = 0
    """Of these, those in which something had moved: they were searched for faces."""
    faces: int = 0
    """Faces in these."""
    closer: int = 0
    """Of the pictures in which something had moved, those that the CNN was asked about, too."""
    tracks: int = 0
    """People who were followed."""
    sent: int = 0
    """Pictures that the gateway has."""
    bytes: int = 0
    """Of these pictures."""
    visits: int = 0
    """Visits that the answers have named."""
    refused: int = 0
    """Pictures that it will never take."""
    spooled: int = 0
    """Pictures that wait on disk."""
    dropped: int = 0
    """Pictures that had to make room for newer ones."""
    unkept: int = 0
    """Pictures for which there was no room on disk."""
    skipped: int = 0
    """Frames that came while another one was looked at."""
    lost: int = 0
    """How often the source was lost."""
    problems: set[AgentProblem] = field(default_factory=set)
    """What is wrong now: `frozen`, `dark`, `covered`, `clock`, `lost`."""

    @property
    def status(self) -> AgentStatus:
        """What of it the gateway is told."""
        return AgentStatus.model_validate(asdict(self) | {"problems": sorted(self.problems)})

    @property
    def numbers(self) -> dict[str, int]:
        """All of them by name."""
        return {name: value for name, value in asdict(self).items() if isinstance(value, int)}
