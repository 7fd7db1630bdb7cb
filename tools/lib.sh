# shellcheck shell=bash
# What tools/quickstart and tools/test share: plain messages, packages, the build. Sourced, not run.

started_at=$SECONDS

say() { printf '\n== %s  (%d s)\n' "$*" "$((SECONDS - started_at))"; }
stop_with() {
  printf '\n%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# Prints the packages of the given groups of tools/packages, one a line.
packages_of() {
  local group
  for group in "$@"; do
    awk -v group="$group" '$1 == group { print $2 }' tools/packages
  done
}

is_installed() { [[ $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

require_debian() {
  local ID='' ID_LIKE=''
  # shellcheck disable=SC1091
  [[ -r /etc/os-release ]] && . /etc/os-release
  if [[ " $ID $ID_LIKE " == *' debian '* || $ID == ubuntu ]] && command -v apt-get >/dev/null; then
    return
  fi
  stop_with "this machine is not Debian or Ubuntu, so I cannot install packages here. The list of what is needed is in tools/packages; install the like of it and run: meson setup build && ninja -C build"
}

# Installs what is missing of the given groups; says what before it does.
install_packages() {
  require_debian
  local package missing=() as_root=()
  while read -r package; do
    is_installed "$package" || missing+=("$package")
  done < <(packages_of "$@")
  if ((${#missing[@]} == 0)); then
    say "packages: all that is needed is installed"
    return
  fi
  if ((EUID != 0)); then
    command -v sudo >/dev/null ||
      stop_with "these packages are missing and I am not root, nor is there sudo. As root, run: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  say "packages: installing with apt-get"
  printf '   %s\n' "${missing[@]}"
  local log=build/apt.log
  mkdir -p build
  run_quietly "$log" "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -q ||
    stop_with "apt-get update failed; the last lines of $log are above"
  run_quietly "$log" "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -q -y --no-install-recommends "${missing[@]}" ||
    stop_with "apt-get install failed; the last lines of $log are above"
}

# run_quietly LOG COMMAND…: output goes to LOG, a dot every two seconds shows that it works, the end of LOG on failure.
run_quietly() {
  local log=$1 pid status=0
  shift
  "$@" >>"$log" 2>&1 </dev/null &
  pid=$!
  while kill -0 "$pid" 2>/dev/null; do
    printf '.'
    sleep 2
  done
  wait "$pid" || status=$?
  printf '\n'
  ((status == 0)) || tail -n 20 "$log" >&2
  return "$status"
}

# configure FOLDER MESON_OPTION…: once; a later call does nothing.
configure() {
  local folder=$1 log=$1/configure.log
  shift
  mkdir -p "$folder"
  if [[ ! -f $folder/build.ninja ]]; then
    say "configuring $folder"
    meson setup "$folder" "$@" >"$log" 2>&1 || {
      tail -n 20 "$log" >&2
      stop_with "the build could not be configured; the whole story is in $log"
    }
  fi
}

# build_in FOLDER TARGET…: builds the targets, or everything; on a terminal ninja shows its own progress.
build_in() {
  local folder=$1
  say "building in $folder with $(nproc) cores"
  if [[ -t 1 ]]; then
    ninja -C "$@" || stop_with "the build failed; the messages are above"
  else
    # One line in ten, and whatever is not a progress line.
    ninja -C "$@" | awk '!/^\[[0-9]+\/[0-9]+\]/ || ++lines % 10 == 0 { print; fflush() }'
    ((PIPESTATUS[0] == 0)) || stop_with "the build failed; the messages are above"
  fi
}
