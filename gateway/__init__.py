"""The gateway: cameras post pictures to it, and it knows which shards to ask."""

from service.one_thread import use_one_thread

use_one_thread()  # here, before any module imports numpy, however the service is started
