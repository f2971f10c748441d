"""Sign-in at an OpenID provider: the provider, its ID tokens, and sign-ins that are under way."""
