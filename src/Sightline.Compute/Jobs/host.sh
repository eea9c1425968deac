#!/bin/sh
# What Sightline runs on the host of a job: POSIX sh, coreutils, util-linux, tar, and gzip; nothing is installed.
# usage: sh host.sh VERB ARGUMENTS. The folder above this file's is the root: bin/, store/ (packs by content), jobs/ID/.
# A job's state is what the supervisor left in jobs/ID/: process, supervisor, heartbeat, exit, cause, restarts, log.
umask 077
root=$(cd "$(dirname "$0")/.." && pwd -P) || exit 1
self=$root/bin/$(basename "$0")
verb=$1
shift

boot() { cat /proc/sys/kernel/random/boot_id; }

# write FILE: standard input, whole or not at all.
write() { cat >"$1.$$.tmp" && mv -f "$1.$$.tmp" "$1"; }

# identity PID: pid, start time in ticks since boot, boot, host. A pid alone may belong to another process by now.
identity() {
  pid=$1
  set -- $(sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null)
  printf '%s %s %s %s\n' "$pid" "${20}" "$(boot)" "$(uname -n)"
}

# look FILE: sets process to none, alive, gone or elsewhere, and pid.
look() {
  process=none
  [ -r "$1" ] && read -r pid ticks booted host <"$1" || return 0
  process=elsewhere
  [ "$host" = "$(uname -n)" ] || return 0
  process=gone
  [ "$booted" = "$(boot)" ] || return 0
  set -- $(sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null)
  [ $# -ge 20 ] && [ "$1" != Z ] && [ "${20}" = "$ticks" ] && process=alive
  return 0
}

# A rented machine ends itself when it is idle; work is told by touching this file.
busy() { if [ -w /run/sightline/busy ]; then touch /run/sightline/busy; fi; }

# What a rented machine wrote down of its own end (see its start script): SIGHTLINE_NOTICE names another file.
notice=${SIGHTLINE_NOTICE:-/run/sightline/notice}

sha256() { if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -d ' ' -f 1; }

# seen FOLDER: a job's, or an array task's, state as lines of NAME=VALUE.
seen() {
  # The exit code is read last: a supervisor that was gone has left it by then.
  look "$1/process"
  printf 'process=%s\n' "$process"
  look "$1/supervisor"
  printf 'supervisor=%s\n' "$process"
  for name in heartbeat restarts slurm cause exit; do
    if [ -r "$1/$name" ]; then printf '%s=%s\n' "$name" "$(cat "$1/$name")"; fi
  done
}

case $verb in

  # have ADDRESS: the folder of a pack, or how much of it has come.
  have)
    if [ -d "$root/store/$1" ]; then printf 'folder=%s\n' "$root/store/$1"; exit 0; fi
    mkdir -p "$root/store"
    printf 'bytes=%s\n' "$( (wc -c <"$root/store/$1.part") 2>/dev/null || echo 0)"
    ;;

  # receive ADDRESS OFFSET: appends standard input. What was there beyond the offset is dropped.
  receive)
    busy
    part=$root/store/$1.part
    # The writer of a connection that broke may still wait for more.
    look "$part.writer"
    [ "$process" = alive ] && kill "$pid" 2>/dev/null
    identity $$ | write "$part.writer"
    if [ "$2" = 0 ]; then : >"$part"; else truncate -s "$2" "$part" || exit 1; fi
    cat >>"$part"
    ;;

  # unpack ADDRESS SHA256 FLAGS: checks what has come and makes the pack's folder of it. 3: it came damaged and was removed.
  unpack)
    busy
    part=$root/store/$1.part
    if [ "$(sha256 <"$part")" != "$2" ]; then rm -f "$part" "$part.writer"; exit 3; fi
    rm -rf "$root/store/$1.tmp"
    mkdir "$root/store/$1.tmp" && tar "-x${3}f" "$part" -C "$root/store/$1.tmp" || exit 1
    mv "$root/store/$1.tmp" "$root/store/$1" || [ -d "$root/store/$1" ] || exit 1
    rm -f "$part" "$part.writer"
    printf 'folder=%s\n' "$root/store/$1"
    ;;

  # prepare ID: the job's folder.
  prepare)
    mkdir -p "$root/jobs/$1" && printf '%s\n' "$root/jobs/$1"
    ;;

  # put ID FILE: writes a file of the job from standard input.
  put)
    cd "$root/jobs/$1" && mkdir -p "$(dirname "$2")" && write "$2"
    ;;

  # start ID: runs the job under a supervisor that outlives this connection. Does nothing when it runs already.
  start)
    job=$root/jobs/$1
    look "$job/supervisor"
    if [ "$process" = alive ]; then exit 0; fi
    rm -f "$job/exit" "$job/cause" "$job/heartbeat" "$job/process" "$job/supervisor" "$job/stop"
    setsid sh "$self" supervise "$1" </dev/null >/dev/null 2>&1 &
    identity $! | write "$job/supervisor"
    ;;

  # supervise ID: the job itself, in a session of its own; on Slurm this is the batch script.
  supervise)
    job=$root/jobs/$1
    cd "$job" || exit 1
    state=$job
    if [ -n "$SLURM_ARRAY_TASK_ID" ]; then state=$job/tasks/$SLURM_ARRAY_TASK_ID; fi
    mkdir -p "$state"
    me=$$
    if [ -n "$SLURM_JOB_ID" ]; then rm -f "$state/exit" "$state/cause"; identity $me | write "$state/supervisor"; fi
    date +%s | write "$state/heartbeat"
    script=start
    if [ -r resume ] && [ -r resume-when ] && [ -e "$(cat resume-when)" ]; then script=resume; fi
    cause=
    asked=
    pid=
    tell() { cause=$1; asked=1; [ -z "$pid" ] || kill -TERM "$pid" 2>/dev/null; }
    trap 'tell stop' TERM INT
    trap 'tell limit' USR1
    trap '' HUP
    setsid sh "./$script" </dev/null >>"$state/log" 2>&1 &
    pid=$!
    identity "$pid" | write "$state/process"
    # Somebody may have asked to stop before there was a process.
    if [ -n "$cause" ] || [ -e stop ]; then cause=${cause:-stop}; kill -TERM "$pid" 2>/dev/null; fi
    (
      trap '' TERM INT USR1
      while kill -0 "$me" 2>/dev/null && kill -0 "$pid" 2>/dev/null; do
        busy
        date +%s >"$state/heartbeat.$me.tmp" && mv -f "$state/heartbeat.$me.tmp" "$state/heartbeat"
        sleep 1
      done
    ) >/dev/null 2>&1 &
    while :; do
      asked=
      wait "$pid"
      code=$?
      [ -n "$asked" ] || break
    done
    if [ -e stop ]; then cause=stop; fi
    if [ "$cause" = limit ] && [ "$code" = 10 ] && [ -n "$SLURM_JOB_ID" ] && [ -r resume ]; then
      # The time limit is near and the checkpoint is written: the same job goes on in its next turn.
      restarts=$(( $(cat "$state/restarts" 2>/dev/null || echo 0) + 1 ))
      if [ "$restarts" -le "$(cat restarts-most 2>/dev/null || echo 20)" ]; then
        echo "$restarts" | write "$state/restarts"
        # Slurm ends this script when it puts the job back into the queue.
        scontrol requeue "$SLURM_JOB_ID" >>"$state/log" 2>&1 && exec sleep 60
      fi
    fi
    if [ -n "$cause" ]; then echo "$cause" | write "$state/cause"; fi
    echo "$code" | write "$state/exit"
    if [ "$state" = "$job" ]; then rm -f secrets; fi
    exit "$code"
    ;;

  # status ID: the host's clock and the state as lines; for an array a line task=N before each task's.
  status)
    job=$root/jobs/$1
    [ -d "$job" ] || exit 4
    printf 'now=%s\nbytes=%s\n' "$(date +%s)" "$( (wc -c <"$job/log") 2>/dev/null || echo 0)"
    if [ -s "$notice" ]; then printf 'notice=%s\n' "$(head -n 1 "$notice")"; fi
    seen "$job"
    if [ -d "$job/tasks" ]; then
      for task in "$job/tasks"/*/; do
        printf 'task=%s\n' "$(basename "$task")"
        seen "${task%/}"
      done
    fi
    ;;

  # files ID FOLDER: inode, size, time and name of each file below the folder.
  files)
    cd "$root/jobs/$1/$2" 2>/dev/null || exit 0
    # A file may be gone between find and stat.
    find . -type f ! -name '*.tmp' -exec stat -c '%i %s %Y %n' {} + 2>/dev/null
    exit 0
    ;;

  # read ID FILE OFFSET COUNT: a piece of a file that may still grow. Empty where the file is not there or ends before.
  read)
    cd "$root/jobs/$1" || exit 4
    [ -r "$2" ] || exit 0
    tail -c "+$(($3 + 1))" "$2" | head -c "$4"
    ;;

  # hold ID FILE: keeps the file's present content under another name, for it may be replaced while it is read. Prints name, size, SHA-256.
  # 5: there is no such file any more.
  hold)
    cd "$root/jobs/$1" || exit 4
    mkdir -p held
    name=held/$(printf '%s' "$2" | sha256)
    rm -f "$name"
    ln "$2" "$name" 2>/dev/null || cp "$2" "$name" 2>/dev/null || exit 5
    printf '%s %s %s\n' "$name" "$(wc -c <"$name" | tr -d ' ')" "$(sha256 <"$name")"
    ;;

  # release ID NAME: what hold kept.
  release)
    cd "$root/jobs/$1" && rm -f "$2"
    ;;

  # append ID FILE OFFSET: appends standard input when the file has that many bytes. Prints the size after.
  append)
    cd "$root/jobs/$1" && mkdir -p "$(dirname "$2")" || exit 4
    [ "$( (wc -c <"$2") 2>/dev/null || echo 0)" -eq "$3" ] && cat >>"$2"
    (wc -c <"$2") 2>/dev/null || echo 0
    ;;

  # stop ID SECONDS: asks the job to write its checkpoint and end; kills it after the grace. Does not wait.
  stop)
    cd "$root/jobs/$1" || exit 4
    : >stop
    # Where there is no process yet, the supervisor sees the file and asks it.
    look process
    if [ "$process" = alive ]; then kill -TERM "$pid"; fi
    setsid sh "$self" kill "$1" "$2" </dev/null >/dev/null 2>&1 &
    ;;

  # mark ID: notes that the job is to stop; where a scheduler sends the signals.
  mark)
    cd "$root/jobs/$1" && : >stop
    ;;

  # kill ID SECONDS: kills the job's whole session when it still runs after the grace.
  kill)
    cd "$root/jobs/$1" || exit 4
    left=$2
    while :; do
      look supervisor
      supervisor=$process
      look process
      if [ "$process" = alive ] && [ "$left" -le 0 ]; then
        kill -KILL "-$pid" 2>/dev/null || kill -KILL "$pid"
        break
      fi
      if [ "$process" != alive ] && { [ "$process" != none ] || [ "$supervisor" != alive ]; }; then break; fi
      left=$((left - 1))
      sleep 1
    done
    ;;

  # remove ID: the job's folder. The store stays, for the next job.
  remove)
    look "$root/jobs/$1/process"
    [ "$process" != alive ] && rm -rf "$root/jobs/$1"
    ;;

  # slurm PROGRAM ARGUMENTS: a program of the cluster, run in the root.
  slurm)
    cd "$root" && exec "$@"
    ;;

  *)
    echo "host.sh: unknown verb '$verb'" >&2
    exit 2
    ;;
esac
