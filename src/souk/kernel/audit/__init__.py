"""Who did what, whose it was, when and from where: written with the deed, provable afterwards."""
