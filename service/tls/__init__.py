"""Certificates: how services know each other, and prove who they are."""
