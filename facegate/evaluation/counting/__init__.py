"""How true a count of visitors is: people of whom it is known who is who come to stores."""
