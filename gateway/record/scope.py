"""What a column `store` holds in rows that concern every store."""

CHAIN = ""
"""The whole chain, where there is a store's id otherwise."""
