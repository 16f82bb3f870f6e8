# A cluster's settings: chosen when its folder is set up, kept in FOLDER/etc/settings.

SETTINGS="NODES CPUS MEMORY_GB GPUS REMEMBER_SECONDS GRACE_SECONDS"

NODES=4             # virtual nodes n1, n2, ...
CPUS=8              # that each of them claims, whatever the machine has
MEMORY_GB=64        # likewise
GPUS=2              # faked ones of each node
REMEMBER_SECONDS=300 # how long slurmctld knows a job that has ended (SLURM's MinJobAge)
GRACE_SECONDS=30    # that a preempted job has to leave

# Kept settings win over defaults; asking for others than the kept ones is an error.
read_settings() {
  local name asked
  if is_cluster; then . "$FOLDER/etc/settings"; fi
  for name in $SETTINGS; do
    asked=CLUSTER_$name
    if [ -n "${!asked:-}" ]; then take_setting "$name" "${!asked}"; fi
  done
}

take_setting() {
  local name=$1 value=$2
  [[ $value =~ ^(0|[1-9][0-9]{0,5})$ ]] || refuse "CLUSTER_$name=$value: give a whole number"
  case $name=$value in
    NODES=0 | CPUS=0 | MEMORY_GB=0) refuse "CLUSTER_$name=$value: give at least 1" ;;
  esac
  [ "$name" != NODES ] || [ "$value" -le 60 ] || refuse "CLUSTER_NODES=$value: at most 60"
  ! is_cluster || [ "$value" = "${!name}" ] ||
    refuse "CLUSTER_$name=$value, but $FOLDER has ${!name}: down.sh --wipe it first"
  printf -v "$name" %s "$value"
}

keep_settings() {
  local name
  for name in $SETTINGS; do echo "$name=${!name}"; done >"$FOLDER/etc/settings"
}
