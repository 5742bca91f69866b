"""Alembic migrations, shipped with the package; :mod:`storage.migrate` runs them."""
