"""What goes in and what comes out: one file a resource."""
