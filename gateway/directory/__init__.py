"""An index of the members who may roam: it names the few stores that are worth asking."""
