#!/bin/sh
# Runs as root while the image is built: the data folder, owned by the user that serves.
set -eu
mkdir -p /home/bentoml/abintel
chown bentoml:bentoml /home/bentoml/abintel
