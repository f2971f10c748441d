"""The machinery below `app.database`: engines, constraints, migrations, locks, ids and column types."""
