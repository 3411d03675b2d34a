"""How true the count of visitors is, through HTTP and on stored vectors."""
