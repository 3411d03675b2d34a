"""Consent of members: given, withdrawn, shown."""
