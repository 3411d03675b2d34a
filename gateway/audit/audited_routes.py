"""Which routes look at personal data or change it, or say who may; the other ones, and why not.

This table is the one place that says so: the trail is written by it, docs/audit.md shows it, and a
test fails where a route is in neither part.
"""

from collections.abc import Mapping
from typing import NamedTuple


class AuditedRoute(NamedTuple):
    """How the audit trail calls what a route does."""

    action: str
    changes: bool = False
    """Whether it changes something: then it is in the trail before it is begun, and at its end."""
    says_when: bool = False
    """Whether its route finds out first if there is anything to change, and says when it begins, by
    `begin_change`: strangers may ask for it, and what they are refused is counted, not told."""


def _change(action: str) -> AuditedRoute:
    return AuditedRoute(action, changes=True)


def _signing(action: str) -> AuditedRoute:
    return AuditedRoute(action, changes=True, says_when=True)


_STORE = "/v1/stores/{store}"
_FACE = f"{_STORE}/faces/{{face_id}}"
_MEMBER = "/v1/members/{member_id}"

AUDITED: Mapping[str, AuditedRoute] = {
    "POST /v1/search": AuditedRoute("picture.search"),
    "POST /v1/compare": AuditedRoute("picture.compare"),
    f"POST {_STORE}/faces/likeness": AuditedRoute("picture.likeness"),
    f"GET {_STORE}/faces": AuditedRoute("face.list"),
    f"GET {_FACE}": AuditedRoute("face.get"),
    f"GET {_STORE}/sources": AuditedRoute("face.sources"),
    f"GET {_FACE}/export": AuditedRoute("face.export"),
    f"POST {_STORE}/faces": _change("face.enroll"),
    f"POST {_STORE}/faces/vectors": _change("face.enroll_vectors"),
    f"DELETE {_FACE}": _change("face.erase"),
    f"DELETE {_FACE}/templates/{{template_id}}": _change("face.remove_picture"),
    f"POST {_FACE}/rename": _change("face.rename"),
    f"POST {_FACE}/not": _change("face.not"),
    "POST /v1/faces/merge": _change("face.merge"),
    "GET /v1/faces/merge/{merge}": AuditedRoute("face.merge_get"),
    "POST /v1/faces/merge/{merge}/undo": _change("face.merge_undo"),
    "POST /v1/visitors/reconcile": _change("visitors.reconcile"),
    "GET /v1/members": AuditedRoute("member.list"),
    "GET /v1/members.csv": AuditedRoute("member.export_all"),
    "POST /v1/members.csv": _change("member.import"),
    "POST /v1/imports": _change("import.begin"),
    "POST /v1/imports/{job}/parts": _change("import.add"),
    "GET /v1/imports": AuditedRoute("import.list"),
    "GET /v1/imports/{job}": AuditedRoute("import.get"),
    "DELETE /v1/imports/{job}": _change("import.cancel"),
    f"GET {_MEMBER}": AuditedRoute("member.get"),
    f"PUT {_MEMBER}": _change("member.put"),
    f"DELETE {_MEMBER}": _change("member.delete"),
    f"PUT {_MEMBER}/consent": _change("member.give_consent"),
    f"DELETE {_MEMBER}/consent": _change("member.withdraw_consent"),
    f"PUT {_MEMBER}/faces/{{store}}/{{face_id}}": _change("member.bind"),
    f"DELETE {_MEMBER}/faces/{{store}}/{{face_id}}": _change("member.unbind"),
    f"GET {_MEMBER}/trace": AuditedRoute("member.trace"),
    f"GET {_MEMBER}/export": AuditedRoute("member.export"),
    "GET /v1/erasures": AuditedRoute("erasure.list"),
    "GET /v1/erasures/{erasure}": AuditedRoute("erasure.get"),
    f"GET {_STORE}/present": AuditedRoute("live.present"),
    f"GET {_STORE}/live": AuditedRoute("live.follow"),
    f"DELETE {_STORE}/models/{{model}}": _change("model.forget"),
    "PUT /v1/webhooks/{webhook}": _change("webhook.put"),
    "DELETE /v1/webhooks/{webhook}": _change("webhook.delete"),
    "POST /v1/keys": _change("key.create"),
    "POST /v1/keys/{key}/rotate": _change("key.rotate"),
    "DELETE /v1/keys/{key}": _change("key.revoke"),
    "POST /sign-in": _signing("session.begin"),
    "GET /sign-in/return": _signing("session.begin_vouched"),
    "POST /sign-out": _signing("session.end"),
    "GET /v1/sessions": AuditedRoute("session.list"),
    "DELETE /v1/sessions/{session}": _change("session.revoke"),
    "GET /v1/audit": AuditedRoute("audit.search"),
    "GET /v1/audit/chain": AuditedRoute("audit.read"),
}
"""What is in the audit trail, by method and path."""
BY_ITSELF = (
    *("audit.drop", "face.alike", "face.confirm", "face.reconcile", "gateway.start", "import.end"),
    *("refused", "visitors.expire", "visitors.look"),
)
"""What the gateway does without a request, or because of many."""
ACTIONS = sorted({*(audited.action for audited in AUDITED.values()), *BY_ITSELF})

_PICTURES = "machines that recognise: what they saw is in the record, as visits"
_NUMBERS = "numbers, and nobody's data"
_OPERATION = "how the services are, and nobody's data"
_FORMS = "forms: what they show is asked of other routes"
_MADE_UP = "people who are made up"

NOT_AUDITED: Mapping[str, str] = {
    f"POST {_STORE}/recognize": _PICTURES,
    "POST /recognize": _PICTURES,
    f"POST {_STORE}/cameras/{{camera}}/push": _PICTURES,
    f"PUT {_STORE}/cameras/{{camera}}/push": _PICTURES,
    "GET /v1/cameras": _OPERATION,
    f"DELETE {_STORE}/cameras/{{camera}}": _OPERATION,
    "GET /v1/privacy": _NUMBERS,
    f"GET {_STORE}/traffic": _NUMBERS,
    "GET /v1/traffic": _NUMBERS,
    "GET /v1/traffic/roaming": _NUMBERS,
    f"GET {_STORE}/calibration": _NUMBERS,
    f"GET {_STORE}/models/{{model}}": _OPERATION,
    "GET /v1/cluster": _OPERATION,
    "GET /metrics": _OPERATION,
    "GET /v1/webhooks": _OPERATION,
    "GET /v1/webhooks/{webhook}": _OPERATION,
    "GET /v1/keys": _OPERATION,
    "GET /v1/audit/heads": _OPERATION,
    "POST /v1/demo": _MADE_UP,
    "DELETE /v1/demo": _MADE_UP,
    "GET /cluster": _OPERATION,
    "GET /cluster/now": _OPERATION,
    "GET /cameras": _OPERATION,
    "GET /cameras/now": _OPERATION,
    "GET /v1/stores": _OPERATION,
    "GET /openapi.json": _OPERATION,
    "GET /healthz": _OPERATION,
    "GET /readyz": _OPERATION,
    "GET /": _FORMS,
    "GET /audit": _FORMS,
    "GET /docs": _FORMS,
    "GET /keys": _FORMS,
    "GET /members": _FORMS,
    "GET /privacy": _FORMS,
    "GET /sessions": _FORMS,
    "GET /static/{path:path}": _FORMS,
    "GET /till": _FORMS,
    "GET /till/{store}": _FORMS,
    "GET /traffic": _FORMS,
    "GET /try": _FORMS,
    "POST /preferences": _FORMS,
    "GET /sign-in": _FORMS,
    "GET /sign-in/openid": "the way to the provider: who comes back from there is told",
}
"""What is not, and why."""


def audited_route(served: str | None) -> AuditedRoute | None:
    """Return how the trail calls what is asked, such as `GET /v1/members`; None: not at all."""
    return AUDITED.get(served or "")
