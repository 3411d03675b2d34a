"""How well faces are recognised: measured on a folder of people."""
