using System.Globalization;

namespace Sightline.Compute.Leases;

/// <summary>The script that a machine runs first: it arms the machine's own stop before anything else, so that it holds with every other part dead.</summary>
/// <remarks>
/// Forgetting to arm it, or arming it late, is how users of other tools were billed for idle weeks (skypilot #2768, #5946; compute.md section 6). A job layer reports work by
/// touching <c>/run/sightline/busy</c>, and prolongs the stop by writing seconds since 1970 to <c>/run/sightline/end-by</c>.
/// </remarks>
internal static class MachineScript
{
    /// <summary>Where the machine keeps when it stops; seconds since 1970.</summary>
    public const string EndByFile = "/run/sightline/end-by";

    /// <summary>A job touches it while it works; also uploads and checkpoints.</summary>
    public const string BusyFile = "/run/sightline/busy";

    /// <summary>An interruptible machine writes here that the provider takes it back, as soon as the provider tells it.</summary>
    public const string NoticeFile = "/run/sightline/notice";

    // The three clouds that give notice do so at one address, each in its way, at most every few seconds' asking: AWS two minutes ahead (spot/instance-action), Google 30 seconds
    // (preempted), Azure 30 seconds or more (scheduled events). Who is not asked answers with an error, which is no notice.
    private static readonly string _notice = $$"""
        cat > /run/sightline/notice.sh <<'END'
        #!/bin/sh
        base=http://169.254.169.254
        ask() { curl -s -f -m 2 "$@" 2>/dev/null; }
        while :; do
          words=
          token=$(ask -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' "$base/latest/api/token")
          if [ -n "$token" ] && ask -H "X-aws-ec2-metadata-token: $token" "$base/latest/meta-data/spot/instance-action" | grep -q '"action"'; then
            words='AWS takes this spot machine back within two minutes'
          elif [ "$(ask -H 'Metadata-Flavor: Google' "$base/computeMetadata/v1/instance/preempted")" = TRUE ]; then
            words='Google takes this spot machine back within 30 seconds'
          elif ask -H 'Metadata: true' "$base/metadata/scheduledevents?api-version=2020-07-01" | grep -q '"Preempt"'; then
            words='Azure takes this spot machine back within 30 seconds'
          fi
          if [ -n "$words" ]; then
            echo "$words" > {{NoticeFile}}.tmp && mv {{NoticeFile}}.tmp {{NoticeFile}}
            exit 0
          fi
          sleep 5
        done
        END
        if command -v curl >/dev/null; then
          setsid sh /run/sightline/notice.sh </dev/null >/dev/null 2>&1 &
        fi

        """;

    /// <summary>Writes the script.</summary>
    /// <param name="endBy">When the machine stops itself.</param>
    /// <param name="idleStop">After how long without work; zero for never.</param>
    /// <param name="isSpot">Whether the provider may take the machine back.</param>
    public static string Write(DateTimeOffset endBy, TimeSpan idleStop, bool isSpot = false) => string.Create(CultureInfo.InvariantCulture, $$"""
        #!/bin/sh
        # Sightline: this machine stops itself, whatever else fails.
        mkdir -p /run/sightline
        echo {{endBy.ToUnixTimeSeconds()}} > {{EndByFile}}
        touch {{BusyFile}}
        cat > /run/sightline/stop.sh <<'END'
        #!/bin/sh
        # Busy: a GPU above 5 %, a shell, or a job that touched the file. Without nvidia-smi the GPU says nothing.
        idle={{(long)idleStop.TotalSeconds}}
        while :; do
          now=$(date +%s)
          for use in $(nvidia-smi --query-gpu=utilization.gpu --format=csv,noheader,nounits 2>/dev/null); do
            case $use in *[!0-9]*) ;; *) [ "$use" -ge 5 ] && touch {{BusyFile}} ;; esac
          done
          [ -n "$(who 2>/dev/null)" ] && touch {{BusyFile}}
          end=$(cat {{EndByFile}} 2>/dev/null)
          case $end in ''|*[!0-9]*) end={{endBy.ToUnixTimeSeconds()}} ;; esac
          busy=$(stat -c %Y {{BusyFile}} 2>/dev/null || echo "$now")
          if [ "$now" -ge "$end" ] || { [ "$idle" -gt 0 ] && [ $((now - busy)) -ge "$idle" ]; }; then
            echo "$now" > /run/sightline/stopping
            sync
            # Where the provider has a way to end the machine from within, its start script put it here.
            [ -x /run/sightline/end-machine ] && /run/sightline/end-machine
            shutdown -h now 2>/dev/null || poweroff 2>/dev/null || kill -TERM 1
            sleep 60
            kill -KILL -1
          fi
          sleep 15
        done
        END
        chmod 700 /run/sightline/stop.sh
        setsid /run/sightline/stop.sh </dev/null >/dev/null 2>&1 &

        """) + (isSpot ? _notice : "");
}
