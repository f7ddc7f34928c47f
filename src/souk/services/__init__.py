"""The services, identical inside; each is known to the others by its contract only."""
