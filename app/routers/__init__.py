"""HTTP endpoints, one module per resource."""

from app.web.operations import use_strict_adapter

use_strict_adapter()  # before the routes are declared, since they look the adapter up
