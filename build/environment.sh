# Shared by ./sightline and ./test (bash): where things are, which dotnet, one build at a time.
# Sets: root, artifacts, cache, dotnet. Exports what a build needs where the home folder cannot be written.

say() { printf '%s\n' "$*" >&2; }

# A folder that can be written, made if need be.
usable_folder() { mkdir -p -- "$1" 2>/dev/null && [ -w "$1" ]; }

find_cache() {
  cache=${SIGHTLINE_CACHE:-}
  if [ -n "$cache" ]; then
    usable_folder "$cache" || { say "SIGHTLINE_CACHE is '$cache', which cannot be written. Set it to a folder that can."; exit 1; }
  elif [ -n "${XDG_CACHE_HOME:-}" ] && usable_folder "$XDG_CACHE_HOME/sightline"; then
    cache=$XDG_CACHE_HOME/sightline
  elif [ -n "${HOME:-}" ] && usable_folder "$HOME/.cache/sightline"; then
    cache=$HOME/.cache/sightline
  else
    # Others must not be able to plant files where we load libraries from.
    cache=${TMPDIR:-/tmp}/sightline-$(id -u)
    (umask 077 && mkdir -p -- "$cache") && [ -O "$cache" ] || { say "No folder for the cache: set SIGHTLINE_CACHE to one that can be written."; exit 1; }
    export SIGHTLINE_CACHE=$cache
  fi
  cache=$(cd -- "$cache" && pwd -P)
}

# The build's output stays in the tree where that can be written, else in the cache, one folder per tree.
find_artifacts() {
  artifacts=$root/artifacts
  if ! usable_folder "$artifacts" || { [ -e "$artifacts/obj" ] && ! [ -w "$artifacts/obj" ]; }; then
    artifacts=$cache/build/$(printf '%s' "$root" | cksum | cut -d ' ' -f 1)
    mkdir -p -- "$artifacts"
  fi
}

find_dotnet() {
  local candidate
  for candidate in "${DOTNET_ROOT:+$DOTNET_ROOT/dotnet}" "$(command -v dotnet || true)" "${HOME:-}/.dotnet/dotnet" \
      /usr/share/dotnet/dotnet /usr/lib/dotnet/dotnet /usr/local/share/dotnet/dotnet; do
    if [ -n "$candidate" ] && [ -x "$candidate" ]; then
      dotnet=$candidate
      return
    fi
  done
  say "Sightline needs the .NET 10 SDK, and no 'dotnet' was found."
  say "Install it from https://dotnet.microsoft.com/download/dotnet/10.0 (or the package dotnet-sdk-10.0), then run this again."
  exit 3
}

require_sdk() {
  if ! "$dotnet" --list-sdks 2>/dev/null | grep -q '^10\.0\.'; then
    say "Sightline needs the .NET 10 SDK; '$dotnet' has: $("$dotnet" --list-sdks 2>/dev/null | cut -d ' ' -f 1 | paste -s -d ' ' - | grep . || echo 'no SDK')."
    say "Install it from https://dotnet.microsoft.com/download/dotnet/10.0 (or the package dotnet-sdk-10.0), then run this again."
    exit 3
  fi
}

# The .NET tools write to the home folder; where it is missing or read-only they get one in the cache.
prepare_build() {
  require_sdk
  export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false
  if [ -z "${HOME:-}" ] || ! [ -w "$HOME" ]; then
    local feeds=${HOME:-}/.nuget/NuGet/NuGet.Config
    mkdir -p -- "$cache/home/.nuget/NuGet"
    [ -r "$feeds" ] && cp -- "$feeds" "$cache/home/.nuget/NuGet/NuGet.Config"
    export HOME=$cache/home
    unset XDG_DATA_HOME XDG_CONFIG_HOME
  fi
}

# Holds the lock until the script ends or calls unlock; the kernel frees it however the script ends.
# Where flock is missing (macOS) two builds at once are not kept apart.
lock_build() {
  exec 9>"$artifacts/build.lock"
  if command -v flock >/dev/null && ! flock -n 9; then
    say "Another build of this tree is running; waiting for it ..."
    flock 9
  fi
}

unlock_build() { exec 9>&-; }

# No build server is left behind, and none inherits the lock.
dotnet_build() {
  "$dotnet" build "$@" --artifacts-path "$artifacts" --disable-build-servers -tl:off -v:quiet -nologo 9>&-
}
