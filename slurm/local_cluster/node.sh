#!/usr/bin/env bash
# node.sh NAME FOLDER/: one node, from within its namespaces (hosts, mounts, pids) as their first
# process: it reaps what is left over, and killing it kills every process of the node.
set -euo pipefail
name=$1 folder=${2%/}

# /proc is still the machine's here, and so are the pids in it.
keep_pid() {
  local pid
  read -r pid _ </proc/self/stat
  echo "$pid" >"$folder/run/$1.pid"
}

run_slurmd() {
  keep_pid "slurmd-$name"
  mount -t proc proc /proc
  exec slurmd -D -f "$folder/etc/slurm.conf" -N "$name"
}

keep_pid "$name"
hostname "$name"
mount --bind "$folder/etc/hosts" /etc/hosts
run_slurmd &
wait $!
