"""The storm: shoppers buy while Souk is harmed; then everything is counted outside of it."""
