"""Work that outlives its request: kept in a database, done by worker processes, each job ended once.

Read :mod:`jobs.record` for what is known of a job, :mod:`jobs.worker` for how one is done. The HTTP side
reads and writes the record and the blobs, and runs nothing. DBOS Transact is the queue; only
:mod:`jobs.engine`, :mod:`jobs.schema` and :mod:`jobs.worker` speak to it.
"""
