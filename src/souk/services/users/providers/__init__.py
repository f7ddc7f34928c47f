"""OpenID Connect providers: who they are, what they vouch for."""
