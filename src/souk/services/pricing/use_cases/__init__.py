"""What can be done with prices, coupons and taxes."""
