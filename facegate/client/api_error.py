"""What goes wrong between a client and its gateway.

ClientError
├── ApiError             the gateway answered with a problem: its status, code and text
│   └── InvalidAnswer    something else than a gateway answered
└── GatewayUnreachable   no answer at all: nothing listens there, or it took too long
"""

from collections.abc import Sequence

from contract.messages.faces import EnrollWarning
from contract.text.access_key import without_secrets


class ClientError(Exception):
    """Base of both."""


class ApiError(ClientError):
    """The gateway refused.

    `code` is stable (`NO_FACE`, `UNKNOWN_STORE`, …), `detail` is for people, and `retry_after` is
    the number of seconds after which the gateway wants to be asked again, if it said so.
    `warnings` say what speaks against an enrolment, which `force` stores anyway.
    """

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        detail: str = "",
        *,
        request_id: str | None = None,
        retry_after: float | None = None,
        warnings: Sequence[EnrollWarning] = (),
    ) -> None:
        super().__init__(f"{title}: {detail}" if detail and detail != title else title)
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.request_id = request_id
        self.retry_after = retry_after
        self.warnings = warnings


class InvalidAnswer(ApiError):
    """An answer with a good status that is none of a gateway's; `where` says to what."""

    def __init__(self, where: str) -> None:
        super().__init__(502, "NONSENSE", "The answer is not what a gateway sends", where)


class GatewayUnreachable(ClientError):
    """No answer from the gateway at `url`."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(without_secrets(f"no answer from the gateway at {url}: {reason}"))
        self.url = without_secrets(url)
