# Runs one agent on this host for a pool on another one, and leaves nothing of it. Lines on stderr, each after a word that
# no agent knows: "here", then "nodir", "noprogram" or "noenv" and the end, or "pgid N", "exit CODE" and, when nothing of the
# agent is left, "gone". The text before this one sets, by sh quoting:
#   kp_nonce   the word                       kp_dir            where to work
#   kp_marker  KIROPOOL_AGENT of the agent    kp_eof, kp_term, kp_rest   graces in tenths of a second
#   kp_environment, a function that sets the agent's variables; and "set -- PROGRAM ARGUMENTS..."
kp_say() { echo "$kp_nonce $*" >&2; }
kp_say here
PATH=${PATH:-/usr/bin:/bin}:${HOME:-}/.local/bin:/usr/local/bin:/opt/homebrew/bin
unset CDPATH
if ! cd "$kp_dir" 2>/dev/null; then
    if [ -d "$kp_dir" ]; then kp_say nodir denied; elif [ -e "$kp_dir" ]; then kp_say nodir file; else kp_say nodir missing; fi
    exit 72
fi
# In the agent's own environment, because that may set PATH; it must not change the PATH of this script.
(
    kp_environment >/dev/null 2>&1 || exit 43
    case $1 in
        */*) [ -e "$1" ] || exit 41; { [ -f "$1" ] && [ -x "$1" ]; } || exit 42 ;;
        *) command -v "$1" >/dev/null 2>&1 || exit 41 ;;
    esac
    exit 40
)
case $? in
    40) ;;
    41) kp_say noprogram missing; exit 71 ;;
    42) kp_say noprogram denied; exit 71 ;;
    *) kp_say noenv; exit 73 ;;
esac
# The agent leads a session of its own, so that its group can be signalled whole. Without a means, the marker must do.
kp_own=1
if kp_setsid=$(command -v setsid 2>/dev/null); then kp_lead() { exec "$kp_setsid" "$@"; }
elif kp_perl=$(command -v perl 2>/dev/null); then kp_lead() { exec "$kp_perl" -MPOSIX -e 'POSIX::setsid(); exec { $ARGV[0] } @ARGV' "$@"; }
else kp_lead() { exec "$@"; }; kp_own=
fi
kp_end() { # grace, group: the stop ladder after its first step, the end of stdin
    kp_patience "$1" "$kp_marker" $2 || return 0
    kp_signal TERM "$kp_marker" $2
    kp_patience "$kp_term" "$kp_marker" $2 || return 0
    kp_kill "$kp_marker" $2
}
kp_watch() { # hears "relay PID", "pgid N", "eof", "exit CODE"
    exec 3<&- 4>&- 5>&-
    kp_relay= kp_group= kp_agent= kp_ladder= kp_ended= kp_code=0
    while read -r kp_what kp_value; do
        case $kp_what in
            relay) kp_relay=$kp_value ;;
            pgid) kp_agent=$kp_value; [ -z "$kp_own" ] || kp_group=$kp_value; kp_say pgid "$kp_value" ;;
            eof) kp_ended=1 kp_relay= ;;
            exit) kp_code=$kp_value; break ;;
        esac
        if [ -n "$kp_ended" ] && [ -n "$kp_agent" ] && [ -z "$kp_ladder" ]; then
            kp_end "$kp_eof" $kp_group & kp_ladder=$!
        fi
    done
    kp_say exit "$kp_code"
    if [ -n "$kp_ladder" ]; then wait "$kp_ladder"; else kp_end "$kp_rest" $kp_group; fi
    # An agent that ends at once may do so before the relay has said its id.
    while [ -z "$kp_relay$kp_ended" ] && read -r kp_what kp_value; do
        case $kp_what in
            relay) kp_relay=$kp_value ;;
            eof) kp_ended=1 ;;
        esac
    done
    # Not by SIGTERM, which it ignores as this script does.
    [ -z "$kp_relay" ] || kill -s KILL "$kp_relay" 2>/dev/null
    kp_say gone
    exit "$kp_code"
}
# Stdin goes through a relay, so that its end is noticed while the agent works. 9 leads to the watch. Only the agent has
# the stderr of this script in there: some shells report the signal that ended a child.
exec 3<&0 4>&1 5>&2
{
    {
        /bin/sh -c 'echo "relay $$" >&9; exec 9>&-; exec cat' kp-relay <&3 3<&- 4>&- 5>&-
        echo eof >&9
    } | {
        exec 3<&-
        (
            trap - HUP INT TERM
            kp_environment
            KIROPOOL_AGENT=$kp_marker
            export KIROPOOL_AGENT
            kp_lead /bin/sh -c 'echo "pgid $$" >&9; exec 9>&-; exec "$@"' kp-agent "$@"
        ) >&4 2>&5 4>&- 5>&-
        echo "exit $?" >&9
    }
} 9>&1 >/dev/null 2>&1 | kp_watch
