"""The pages that people see: rendered here, through the clients that the gateway uses too."""
