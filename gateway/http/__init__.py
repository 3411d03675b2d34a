"""What all routes of the gateway share over HTTP."""
