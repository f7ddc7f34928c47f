"""Events: told in the transaction where they happen, taking effect once wherever they matter."""
