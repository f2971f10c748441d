"""One door for each resource."""

from app.web.operations import use_strict_adapter

use_strict_adapter()  # the routes ask for the adapter as they are declared
