"""The HTTP server and the command line: the only part that knows BentoML and Starlette."""
