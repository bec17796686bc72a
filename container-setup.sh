#!/bin/sh
# Runs as root while the image is built: the data folder, and what the plugins compile, owned by the user that serves.
set -eu
mkdir -p /home/bentoml/abintel /home/bentoml/compiled
abintel warm
chown -R bentoml:bentoml /home/bentoml/abintel /home/bentoml/compiled
