"""Undoing changes, of one record or of a whole batch: a deleted record is restored, a created one is deleted."""
