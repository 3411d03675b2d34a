"""Searching a store's faces: facegate's shard beside Faiss, the course's service, vector stores."""
