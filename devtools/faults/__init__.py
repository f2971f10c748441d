"""What machines do to a service: a table of faults, and what clients see while each lasts and after it."""
