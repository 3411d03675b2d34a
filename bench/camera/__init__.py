"""What the agent beside a camera sends, and who is counted by it."""
