"""HTTP: who may call, what comes in, what goes out. The only part that knows BentoML and Starlette."""
