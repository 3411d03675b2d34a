"""How many came, and made-up visits."""

from typing import Literal

from contract.messages.traffic import DemoAnswer, RoamingAnswer, RoamingRow, TrafficAnswer
from facegate.client.api_call import ApiCall, given, store_path

By = Literal["hour", "day", "week"]


def traffic(
    store: str | None = None,
    *,
    by: By = "day",
    start: str | None = None,
    end: str | None = None,
    against: int | None = None,
) -> ApiCall[TrafficAnswer]:
    """Return how many came to a store, or to the whole chain, from `start` until before `end`.

    Both are dates such as 2026-05-04 or times, on the store's clock. In `earlier` is the same
    so many days before, up to the same time where the range is not over (`so_far`).
    """
    query = given(by=by, **{"from": start}, to=end, against=against)
    path = "/v1/traffic" if store is None else store_path(store, "traffic")
    return ApiCall("GET", path, TrafficAnswer.model_validate_json, query)


def roaming(*, start: str | None = None, end: str | None = None) -> ApiCall[list[RoamingRow]]:
    """Return where each store's roaming visitors come from."""
    return ApiCall(
        "GET",
        "/v1/traffic/roaming",
        lambda body: RoamingAnswer.model_validate_json(body).rows,
        given(**{"from": start}, to=end),
    )


def make_demo_data(*, days: int = 15) -> ApiCall[int]:
    """Have a demo's gateway make up visits of the last days; return how many."""
    return ApiCall(
        "POST", "/v1/demo", lambda body: DemoAnswer.model_validate_json(body).visits, {"days": days}
    )


def remove_demo_data() -> ApiCall[int]:
    """Remove everything that was made up; return how many visits that were."""
    return ApiCall("DELETE", "/v1/demo", lambda body: DemoAnswer.model_validate_json(body).visits)
