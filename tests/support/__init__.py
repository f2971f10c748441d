"""What the tests share: clients, factories, checks against the OpenAPI document."""
