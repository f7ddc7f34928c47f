"""What a payment, its parts, refunds and the ledger are, and their rules."""
