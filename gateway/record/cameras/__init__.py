"""How the cameras are: what they send, in sums, and which of them are silent."""
