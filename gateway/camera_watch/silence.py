"""When a camera is missed: it has sent nothing for so long, and the store is open."""

from datetime import timedelta

from contract.stores.store_map import Store
from gateway.clock.store_clock import time_of_day

_OPENING = timedelta(hours=1)
"""A store that opens is not asked at once for cameras that have rested at night."""


def is_missed(store: Store, camera: str, last_at: int, now: int) -> bool:
    """Say whether a camera that has sent something at `last_at` last is missed at `now`.

    Milliseconds since 1970. Where the store has opening hours, only in these: once it has been open
    for as long as the camera may be silent, or for an hour if that is less.
    """
    silence = store.silence_of(camera)
    if timedelta(milliseconds=now - last_at) < silence:
        return False
    if store.opening_hours is None:
        return True
    open_for = store.opening_hours.minutes_since_start(time_of_day(now, store.timezone))
    return open_for is not None and timedelta(minutes=open_for) >= min(silence, _OPENING)
