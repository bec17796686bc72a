"""What registry, jobs and server share: connections, migrations, locks, logs and process helpers."""
