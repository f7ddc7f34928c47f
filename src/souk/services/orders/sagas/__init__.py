"""Work that crosses services: done step by step, and undone or finished whatever happens."""
