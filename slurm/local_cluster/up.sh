#!/usr/bin/env bash
# up.sh FOLDER [--install]
#
# Starts a real SLURM cluster on this machine, with everything it has under FOLDER, or repairs it:
# what runs is left alone, what has died is started, drained nodes are resumed. Needs root.
# --install installs missing packages with apt-get. Settings: CLUSTER_NODES and the others in
# settings.sh, from the environment. Afterwards: . FOLDER/env.sh
# Exit status: 2 where the machine or what was asked is in the way, 1 where a start failed.
set -euo pipefail
umask 022
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$HERE/common.sh"
. "$HERE/settings.sh"

PACKAGES="munge slurmctld slurmd slurm-client"
FIRST_PORT=26800
PORT_BLOCK=64 # slurmctld's and up to MOST_NODES nodes'

main() {
  local install=
  [ "${2:-}" != --install ] || install=yes
  [ "$#$install" = 1 ] || [ "$#$install" = 2yes ] || refuse "usage: up.sh FOLDER [--install]"
  check_path "$1"
  check_settings
  check_machine "$install"
  take_folder
  lock_machine
  start_munged
  configure
  start_slurmctld
  start_nodes
  wait_until_ready
  say "up, with $NODES node(s); now: . $FOLDER/env.sh"
}

check_path() {
  [[ $1 != -* ]] || refuse "usage: up.sh FOLDER [--install]"
  FOLDER=$(realpath -m -- "$1")
  [[ $FOLDER =~ ^[A-Za-z0-9._/+-]+$ ]] ||
    refuse "$FOLDER: choose a path of letters, digits, dots, dashes, without blanks"
  # Unix sockets below it, such as spool/n1/n1_JOB.STEP, must fit into 108 bytes.
  [ ${#FOLDER} -le 60 ] ||
    refuse "$FOLDER: the path is too long (${#FOLDER} characters, at most 60)"
}

check_machine() {
  [ "$(id -u)" = 0 ] || refuse "needs root, to make nodes with host names of their own"
  has_packages || install_packages "$1"
  unshare --uts --mount --pid --fork true 2>/dev/null ||
    refuse "cannot make namespaces here (in a container: it must be privileged)"
}

has_packages() { command -v munged slurmctld slurmd sbatch >/dev/null; }

install_packages() {
  local line="apt-get install -y --no-install-recommends $PACKAGES"
  [ -n "$1" ] || refuse "packages are missing; run: $line (or give --install)"
  say "$line"
  export DEBIAN_FRONTEND=noninteractive
  { apt-get update && $line; } >/dev/null || fail "the packages could not be installed"
}

take_folder() {
  [ ! -e "$FOLDER" ] || [ -d "$FOLDER" ] || refuse "$FOLDER is a file"
  mkdir -p "$FOLDER"
  lock_folder
  is_cluster || [ -z "$(ls -A "$FOLDER")" ] || refuse "$FOLDER holds something else"
  take_settings
  mkdir -p "$FOLDER"/{run,log,state,spool,munge,dev,etc}
  keep_settings
}

# Two clusters that start at once must not choose the same ports.
lock_machine() {
  exec 8</run/lock
  flock --wait 120 8 || fail "another up.sh is at work"
}

# [--fork] COMMAND...: start a daemon without our locks and our terminal.
detached() { setsid "$@" </dev/null 8<&- 9<&-; }

start_munged() {
  local munge=$FOLDER/munge
  if ! pid_of munged >/dev/null; then
    [ -s "$munge/key" ] || (umask 077 && head -c 128 /dev/urandom >"$munge/key")
    rm -f "$munge"/socket*
    # --force: also in a folder that is closed to other users, such as root's home
    detached munged --force --key-file="$munge/key" --socket="$munge/socket" \
      --seed-file="$munge/seed" --pid-file="$FOLDER/run/munged.pid" \
      --log-file="$FOLDER/log/munged.log" 2>>"$FOLDER/log/munged.log" ||
      fail "munged did not start: see $FOLDER/log/munged.log"
  fi
  wait_for 10 munge --no-input --socket="$munge/socket" || fail "munged does not answer"
}

configure() {
  choose_ports
  make_gpus
  echo "export SLURM_CONF=$FOLDER/etc/slurm.conf" >"$FOLDER/env.sh"
  . "$FOLDER/env.sh"
  print_hosts >"$FOLDER/etc/hosts"
  : >"$FOLDER/etc/plugstack.conf" # keeps the machine's own plugins out
  # No control groups are used; v1 needs none, v2 (found by itself) would ask systemd for some.
  echo "CgroupPlugin=cgroup/v1" >"$FOLDER/etc/cgroup.conf"
  fill_in >"$SLURM_CONF"
}

# A running cluster keeps its ports; one that starts takes the next block where all are free.
choose_ports() {
  PORT=$(cat "$FOLDER/etc/port" 2>/dev/null) || PORT=$FIRST_PORT
  if ! anything_runs; then
    until ports_are_free; do
      PORT=$((PORT + PORT_BLOCK))
      [ "$PORT" -lt 32000 ] || PORT=$FIRST_PORT
    done
  fi
  echo "$PORT" >"$FOLDER/etc/port"
}

anything_runs() {
  local file
  for file in slurmctld $(seq -f 'n%g' "$NODES"); do
    ! pid_of "$file" >/dev/null || return 0
  done
  return 1
}

ports_are_free() { [ -z "$(listening "$PORT")" ]; }

# FROM: the ports from there to the last node's on which anything listens.
listening() {
  ss -Hltn | awk -v first="$1" -v last=$((PORT + NODES)) '
    { sub(/.*:/, "", $4) } $4 >= first && $4 <= last { print $4 }' | sort -u
}

# Device nodes that nobody opens: for a plain file SLURM would set no CUDA_VISIBLE_DEVICES.
make_gpus() {
  local file
  for ((i = 0; i < GPUS; i++)); do
    file=$FOLDER/dev/nvidia$i
    [ -c "$file" ] || mknod -m 0 "$file" c 195 "$i" || refuse "cannot make the device $file"
  done
  if [ "$GPUS" -gt 0 ]; then echo "Name=gpu File=$FOLDER/dev/nvidia[0-$((GPUS - 1))]"; fi \
    >"$FOLDER/etc/gres.conf"
}

# The nodes' own /etc/hosts; the machine's is left alone.
print_hosts() {
  for ((i = 1; i <= NODES; i++)); do echo "127.0.0.1 n$i"; done
  cat /etc/hosts
}

fill_in() {
  local name script=() HOST LISTEN=
  local MEMORY_MB=$((MEMORY_GB * 1024)) FIRST=$((PORT + 1)) LAST=$((PORT + NODES))
  HOST=$(hostname -s)
  stay_inside "$HOST"
  for name in $SETTINGS FOLDER HOST LISTEN PORT FIRST LAST MEMORY_MB; do
    script+=(-e "s|@$name@|${!name}|g")
  done
  sed "${script[@]}" "$HERE/slurm.conf.in"
}

# Where this machine's name leads to 127.0.0.1, daemons and clients listen on that alone; elsewhere
# SLURM must listen on all addresses (munge's key keeps others out).
stay_inside() {
  [[ $(getent ahostsv4 "$1") == 127.0.0.1\ * ]] || return 0
  LISTEN=CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
}

start_slurmctld() {
  wait_for 40 slurmctld_answers || fail "slurmctld does not answer: see $FOLDER/log/slurmctld.log"
}

# Asked again and again: one that is just ending still counts as alive.
slurmctld_answers() {
  pid_of slurmctld || { rm -f "$FOLDER/run/slurmctld.pid" && detached slurmctld -f "$SLURM_CONF"; }
  scontrol ping | grep -q 'is UP'
}

start_nodes() {
  local name
  for name in $(seq -f 'n%g' "$NODES"); do
    if pid_of "$name" >/dev/null; then
      kill -CONT "$(cat "$FOLDER/run/slurmd-$name.pid")" # it may have been stopped, as a hung one
    else
      start_node "$name"
    fi
  done
}

# One that has run before left jobs behind, of which slurmctld may not know that they are gone.
start_node() {
  [ ! -d "$FOLDER/spool/$1" ] || scontrol update nodename="$1" state=down reason="it had ended"
  mkdir -p "$FOLDER/spool/$1"
  rm -f "$FOLDER/spool/$1.inner" "$FOLDER/run/$1.pid"
  detached --fork unshare --uts --mount --pid --fork bash "$HERE/node.sh" "$1" "$FOLDER/" \
    >>"$FOLDER/log/$1.log" 2>&1
}

wait_until_ready() {
  wait_for 60 nodes_are_ready ||
    fail "of $NODES nodes not all are up: $(sinfo -h -p main -o '%N %T' | paste -sd ,)," \
      "see $FOLDER/log"
}

nodes_are_ready() {
  local states name
  [ "$(listening $((PORT + 1)) | wc -l)" = "$NODES" ] || return 1
  for name in $(sinfo -h -N -p main -t drain,down -o %n); do
    scontrol update nodename="$name" state=resume
  done
  states=$(sinfo -h -N -p main -o %T)
  [ "$(grep -cxE 'idle|mixed|allocated|completing' <<<"$states")" = "$NODES" ]
}

main "$@"
