"""Every crash there can be, one after the other, and the right end each time."""
