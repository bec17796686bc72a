"""Work that outlives its request: kept in a database, done by worker processes, each job ended once.

Read :mod:`jobs.store.record` for what is known of a job, :mod:`jobs.workers.worker` for how one is done.
The server reads and writes the record and the blobs, and runs nothing. DBOS Transact is the queue; only
:mod:`jobs.store.engine`, :mod:`jobs.store.schema` and :mod:`jobs.workers.worker` speak to it.
"""
