"""How well faces are recognised: measured on a folder of people."""

from service.one_thread import use_one_thread

use_one_thread()
