"""Jobs: work that outlives its request, stored in a database and run by worker processes.

:mod:`jobs.store.record` stores jobs, and :mod:`jobs.workers.worker` runs them. The server reads and writes
the database and the blobs, and runs no job. The queue is DBOS Transact. Only :mod:`jobs.store.queue`,
:mod:`jobs.store.schema` and :mod:`jobs.workers` use it.
"""
