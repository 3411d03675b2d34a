"""What Home Assistant is told of a store: its device, with a sensor for each thing that is known.

https://www.home-assistant.io/integrations/mqtt/#mqtt-discovery, the discovery of devices.
"""

import json
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

from contract.stores.store_map import Store
from gateway.live.mqtt.topics import Topics, plain_id

ALIVE, SILENT = "alive", "silent"
"""What is retained of a camera."""


def device_of(store: Store, cameras: Iterable[str], topics: Topics) -> bytes:
    """Return what is retained where Home Assistant looks for `store` with its cameras, as JSON."""
    device = topics.device_id(store.id)
    state = {"state_topic": topics.state(store.id)}
    release = version("facegate")
    return json.dumps(
        {
            "device": {
                "identifiers": [device],
                "name": store.name,
                "manufacturer": "facegate",
                "model": "store",
                "sw_version": release,
            },
            "origin": {"name": "facegate", "sw_version": release},
            "availability_topic": topics.presence,
            "qos": 1,
            "components": {
                "present": {
                    "platform": "sensor",
                    "unique_id": f"{device}_present",
                    "name": "People here now",
                    "icon": "mdi:account-group",
                    "state_class": "measurement",
                    "value_template": "{{ value_json.present }}",
                    **state,
                },
                "last_member": {
                    "platform": "sensor",
                    "unique_id": f"{device}_last_member",
                    "name": "Last member",
                    "icon": "mdi:account-star",
                    "value_template": "{{ value_json.last_member }}",
                    "json_attributes_topic": topics.state(store.id),
                    **state,
                },
                **{
                    f"camera_{plain_id(camera)}": _connectivity(
                        f"{device}_camera_{plain_id(camera)}",
                        camera,
                        topics.camera(store.id, camera),
                    )
                    for camera in cameras
                },
            },
        },
        ensure_ascii=False,
    ).encode()


def _connectivity(identifier: str, camera: str, topic: str) -> dict[str, Any]:
    return {
        "platform": "binary_sensor",
        "unique_id": identifier,
        "name": f"Camera {camera}",
        "device_class": "connectivity",
        "state_topic": topic,
        "payload_on": ALIVE,
        "payload_off": SILENT,
    }
