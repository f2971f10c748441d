"""Users and how they sign in: sessions, API keys, second factors, invitations, and the deletion of accounts."""
