"""Answers about demo data as OpenAPI shows them."""

from contract.messages.traffic import DemoAnswer

DEMO = DemoAnswer(visits=1640)
