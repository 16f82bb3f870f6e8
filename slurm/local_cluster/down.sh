#!/usr/bin/env bash
# down.sh FOLDER [--wipe]
#
# Stops the cluster that up.sh started in FOLDER, with all of its jobs: only processes that its pid
# files name. Queue and settings stay for the next up.sh, unless --wipe deletes the folder.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

main() {
  [ $# = 1 ] || [ "$#,${2:-}" = 2,--wipe ] || refuse "usage: down.sh FOLDER [--wipe]"
  FOLDER=$(realpath -m -- "$1")
  [ -e "$FOLDER" ] || return 0
  is_cluster || refuse "$FOLDER is no cluster's folder"
  [ "$(id -u)" = 0 ] || refuse "needs root, as up.sh did"
  lock_folder
  stop slurmctld TERM # saves its state, and so knows nothing of nodes that end
  stop_nodes
  stop munged TERM
  [ "${2:-}" != --wipe ] || rm -rf -- "$FOLDER"
}

# Ending a node's first process ends the others, and its mounts with them.
stop_nodes() {
  local file
  for file in "$FOLDER"/run/n*.pid; do
    [ ! -e "$file" ] || stop "$(basename "$file" .pid)" KILL
  done
  rm -f "$FOLDER"/run/slurmd-*.pid
}

# NAME SIGNAL: and by force after 10 s.
stop() {
  local pid
  if pid=$(pid_of "$1"); then
    kill -s "$2" "$pid" || true
    wait_for 10 gone "$1" || kill -s KILL "$pid" || true
    wait_for 10 gone "$1" || fail "$1 (pid $pid) does not end"
  fi
  rm -f "$FOLDER/run/$1.pid"
}

gone() { ! pid_of "$1"; }

main "$@"
