"""The table of attacks on who one is: how each is made from what is valid, for use in process and over HTTP."""
