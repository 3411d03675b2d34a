"""The outbox of events, and the cursors of those who read it."""
