"""What is promised as a whole: OpenAPI, migrations, documentation, and no request that breaks the service."""
