"""Users: accounts, sign-in, sessions, profiles and addresses."""
