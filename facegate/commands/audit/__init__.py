"""`facegate audit …`: whether the audit trail is whole, and a copy of it."""
