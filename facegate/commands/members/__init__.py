"""The commands about members."""
