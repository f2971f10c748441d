"""Removal of what is unused, expired or old.

A write removes what it leaves unused (`after_write.py`), and a command what is left anywhere (`full_sweep.py`). The
audit log and the change log are kept as long as the operator says (`audit_log.py`, `change_log.py`).
"""
