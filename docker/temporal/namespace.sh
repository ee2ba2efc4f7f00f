#!/bin/sh
# Waits until the server serves, then registers the namespace if it is not there.
set -eu

attempts=60
until temporal operator cluster health; do
  attempts=$((attempts - 1))
  [ "$attempts" -gt 0 ] || exit 1
  sleep 2
done
until temporal operator namespace describe -n default >/dev/null 2>&1 ||
  temporal operator namespace create -n default --retention 7d; do
  attempts=$((attempts - 1))
  [ "$attempts" -gt 0 ] || exit 1
  sleep 2
done
