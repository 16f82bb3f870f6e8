# What up.sh and down.sh share; both set FOLDER, the cluster's, first.

say() { echo "${0##*/}: $*" >&2; }

# Exit 2: the user or the machine is in the way. Exit 1: something that should work did not.
refuse() { say "$*"; exit 2; }
fail() { say "$*"; exit 1; }

# NAME: print the pid in run/NAME.pid if that process lives and is this cluster's; pids come round
# again, so a file alone proves nothing.
pid_of() {
  local pid
  pid=$(cat "$FOLDER/run/$1.pid" 2>/dev/null) || return 1
  grep -qsaF -- "$FOLDER/" "/proc/${pid:-none}/cmdline" && echo "$pid"
}

# SECONDS COMMAND...: ask until it succeeds.
wait_for() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.05
  done
}

# One up.sh or down.sh at a time; the folder itself is locked, so that no lock file is left.
lock_folder() {
  exec 9<"$FOLDER"
  flock --wait 120 9 || fail "another up.sh or down.sh is at $FOLDER"
  [ "$FOLDER" -ef /dev/fd/9 ] || fail "$FOLDER was deleted meanwhile; ask again"
}

# What up.sh has set up has this file.
is_cluster() { [ -f "$FOLDER/etc/settings" ]; }
