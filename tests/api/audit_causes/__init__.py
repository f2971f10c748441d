"""The audit log as a table: the requests that cause each event, and what the event then says of them."""

from __future__ import annotations

from tests.api.audit_causes.accounts import ACCOUNTS
from tests.api.audit_causes.administration import ADMINISTRATION
from tests.api.audit_causes.second_factor import SECOND_FACTOR
from tests.api.audit_causes.signing_in import SIGNING_IN

CAUSES = (*SIGNING_IN, *ACCOUNTS, *ADMINISTRATION, *SECOND_FACTOR)
