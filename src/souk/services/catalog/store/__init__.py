"""Products, variants, categories and imports as rows: everything that writes or locks them."""
