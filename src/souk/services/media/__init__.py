"""Media: pictures that people upload, kept in several sizes, and pictures that are drawn."""
