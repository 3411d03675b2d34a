"""One store's service: its faces on disk, the index that searches them, and its HTTP routes."""

from service.one_thread import use_one_thread

use_one_thread()  # here, before any module imports numpy, however the service is started
