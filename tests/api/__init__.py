"""The API as clients see it; the files mirror app/routers."""
