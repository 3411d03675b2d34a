"""Whether cameras are served while a stranger on the network does what strangers can do."""
