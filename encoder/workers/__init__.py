"""Encoders in processes of their own, and the pool that shares them out."""
