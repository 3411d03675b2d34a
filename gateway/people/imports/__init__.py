"""Imports of members that run as jobs."""
