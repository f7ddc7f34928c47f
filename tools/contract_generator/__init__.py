"""Turns the contracts under proto/ into the Python modules of souk.contracts."""
