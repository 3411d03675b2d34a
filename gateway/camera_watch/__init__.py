"""How the cameras of the stores are, and that none of them takes the room of the others."""
