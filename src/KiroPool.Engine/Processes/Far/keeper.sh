# One for each far host and pool, in a connection of its own. Ends everything that has the pool's marker when its stdin ends,
# or when no line has come for a while: a link that swallows everything ends no stdin. The text before this one sets:
#   kp_nonce   the word its lines on stderr begin with      kp_prefix   how the markers of the pool begin
#   kp_tick    seconds between two looks at the clock       kp_most     looks without a line before it ends everything
# Lines in: "beat", "+ GROUP", "- GROUP", "term|kill|ask GROUP MARKER", "memory", and "." (leave, nothing is to be ended).
# Lines out: "beat", "alive MARKER", "gone MARKER", "memory MARKER KB" for every process, "measured".
kp_say() { echo "$kp_nonce $*" >&2; }
kp_end() {
    kp_patience 10 "$kp_prefix" $kp_groups || return 0
    kp_signal TERM "$kp_prefix" $kp_groups
    kp_patience 20 "$kp_prefix" $kp_groups || return 0
    kp_kill "$kp_prefix" $kp_groups
}
kp_memory() {
    if [ -r /proc/self/environ ]; then
        for kp_id in $(kp_marked "$kp_prefix"); do
            kp_of=$(tr '\0' '\n' 2>/dev/null <"/proc/$kp_id/environ" | grep '^KIROPOOL_AGENT=') || continue
            while read -r kp_name kp_kb kp_unit; do
                case $kp_name in VmRSS:) echo "memory ${kp_of#*=} $kp_kb" ;; esac
            done 2>/dev/null <"/proc/$kp_id/status"
        done
    else
        ps -axEww -o rss=,command= 2>/dev/null | while read -r kp_kb kp_rest; do
            case " $kp_rest" in *" KIROPOOL_AGENT=$kp_prefix"*)
                kp_of=${kp_rest#*KIROPOOL_AGENT=}
                echo "memory ${kp_of%% *} $kp_kb"
            esac
        done
    fi
    echo measured
}
kp_leave() {
    kill -s KILL $kp_relay $kp_clock 2>/dev/null
    exit "$1"
}
kp_keep() {
    exec 3<&-
    kp_groups= kp_relay= kp_clock= kp_silent=0
    kp_say ready
    while read -r kp_what kp_group kp_mark; do
        case $kp_what in
            relay) kp_relay=$kp_group kp_clock=$kp_mark; continue ;;
            tick)
                kp_silent=$((kp_silent + 1))
                [ "$kp_silent" -ge "$kp_most" ] || continue
                kp_end
                kp_leave 3 ;;
            eof) kp_relay=; kp_end; kp_leave 0 ;;
        esac
        kp_silent=0
        case $kp_what in
            beat) echo beat ;;
            +) kp_groups="$kp_groups $kp_group" ;;
            -) kp_rest=; for kp_g in $kp_groups; do [ "$kp_g" = "$kp_group" ] || kp_rest="$kp_rest $kp_g"; done; kp_groups=$kp_rest ;;
            term) kp_signal TERM "$kp_mark" "$kp_group" ;;
            kill) kp_signal KILL "$kp_mark" "$kp_group" ;;
            ask) if kp_alive "$kp_mark" "$kp_group"; then echo "alive $kp_mark"; else echo "gone $kp_mark"; fi ;;
            memory) kp_memory ;;
            .) kp_leave 0 ;;
        esac
    done
    kp_end
}
# A clock and the lines of stdin in one pipe: POSIX sh has no read with a limit. Lines are passed on whole, so that a tick
# never comes between the halves of one.
exec 3<&0
{
    while sleep "$kp_tick"; do echo tick; done 3<&- 2>/dev/null &
    echo "relay $(exec /bin/sh -c 'echo "$PPID"') $!"
    while read -r kp_line; do echo "$kp_line"; done <&3
    echo eof
} | kp_keep
