# A cluster's settings: chosen when its folder is set up, kept in FOLDER/etc/settings.

SETTINGS="NODES CPUS MEMORY_GB GPUS REMEMBER_SECONDS GRACE_SECONDS"
MOST_NODES=60

NODES=4              # virtual nodes n1, n2, ...
CPUS=8               # that each of them claims, whatever the machine has
MEMORY_GB=64         # likewise
GPUS=2               # faked ones of each node
REMEMBER_SECONDS=300 # how long slurmctld knows a job that has ended (SLURM's MinJobAge)
GRACE_SECONDS=30     # that a preempted job has to leave

# Before anything is made: what the environment asks for must make sense.
check_settings() {
  local name asked value
  for name in $SETTINGS; do
    asked=CLUSTER_$name
    value=${!asked:-${!name}}
    [[ $value =~ ^(0|[1-9][0-9]{0,5})$ ]] || refuse "$asked=$value: give a whole number"
    case $name=$value in
      NODES=0 | CPUS=0 | MEMORY_GB=0) refuse "$asked=$value: give at least 1" ;;
    esac
  done
  [ "${CLUSTER_NODES:-$NODES}" -le "$MOST_NODES" ] ||
    refuse "CLUSTER_NODES=$CLUSTER_NODES: give at most $MOST_NODES"
}

# A new cluster takes what is asked for; one that has settings keeps them.
take_settings() {
  local name asked
  ! is_cluster || . "$FOLDER/etc/settings"
  for name in $SETTINGS; do
    asked=CLUSTER_$name
    ! is_cluster || [ "${!asked:-${!name}}" = "${!name}" ] ||
      refuse "$asked=${!asked}, but $FOLDER has ${!name}: down.sh --wipe it first"
    printf -v "$name" %s "${!asked:-${!name}}"
  done
}

keep_settings() {
  local name
  for name in $SETTINGS; do echo "$name=${!name}"; done >"$FOLDER/etc/settings"
}
