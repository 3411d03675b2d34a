"""`facegate keys …`: who may do what."""
