"""Code that registry, jobs and server share: connections, migrations, locks, load shedding, logs,
processes."""
