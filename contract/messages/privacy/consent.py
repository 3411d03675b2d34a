"""What a member agreed to: when, to which text, who took it, and what was decided before."""

from datetime import UTC
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool

from contract.text.identifiers import ConsentText, TakenBy
from contract.text.moment import moment_of


def _in_utc(text: str) -> str:
    moment = moment_of(text).astimezone(UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


DecidedAt = Annotated[
    str,
    AfterValidator(_in_utc),
    Field(description="RFC 3339 with a zone; in answers UTC, to the millisecond"),
]
_TEXT = Field(default=None, description="which text it was given to, for instance its version")
_TAKEN_BY = Field(
    default=None, description="who took it; left out: the id of the key that it was sent with"
)


class ConsentDecision(BaseModel):
    """One decision of a member: `cross_store` true gave the consent, false withdrew it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cross_store: StrictBool | None
    at: DecidedAt
    text: ConsentText | None = _TEXT
    taken_by: TakenBy | None = _TAKEN_BY


class Consent(BaseModel):
    """What the member agreed to: nothing, unless it is said.

    `cross_store`: other stores may find the member. Null where no profile was ever written (an
    enrolment made the member known): then the store's option `cross_store` decides, as for the
    faces that were imported. `at` is null where nobody has decided since such things are noted.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    cross_store: StrictBool | None = False
    at: DecidedAt | None = None
    text: ConsentText | None = _TEXT
    taken_by: TakenBy | None = _TAKEN_BY
    former: list[ConsentDecision] = Field(
        default=[], description="what was decided before, the first decision first; none is ended"
    )

    @property
    def is_described(self) -> bool:
        """Whether more is said than that it is given or not."""
        return bool(self.at or self.text or self.taken_by or self.former)


class ConsentDraft(BaseModel):
    """A consent that is given: to which text, and where it is not now or by the key, when and who.

    `at` is not in the future, and not before what the member decided last.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: ConsentText = Field(description="which text it is given to, for instance its version")
    taken_by: TakenBy | None = _TAKEN_BY
    at: DecidedAt | None = None
