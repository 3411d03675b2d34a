"""The models of a gallery: what each has made, and its end."""
