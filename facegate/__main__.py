"""`python -m facegate`: the command, also where its script is not on the path."""

from facegate.command import main

main(prog_name="facegate")
