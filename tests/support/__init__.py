"""What the tests share: servers, databases and hosted services."""
