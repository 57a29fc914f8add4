# What the stub and the keeper share. POSIX sh, on Linux and macOS; nothing is installed on the far host.
trap '' HUP INT TERM

# busybox's grep reads a file up to its first zero byte, unless it is told with -z.
kp_z=
if echo x | grep -z -q x 2>/dev/null; then kp_z=-z; fi

# The processes whose environment has a marker that begins so. A marker ends with a dot, so that no marker begins
# another one. Not by grep where ps shows the environment: ps would show the pattern on grep's own command line.
kp_marked() {
    if [ -r /proc/self/environ ]; then
        for kp_file in $(grep $kp_z -l -s -F -- "KIROPOOL_AGENT=$1" /proc/[0-9]*/environ); do
            kp_file=${kp_file#/proc/}
            echo "${kp_file%/environ}"
        done
    else
        ps -axEww -o pid=,command= 2>/dev/null | while read -r kp_id kp_rest; do
            case " $kp_rest" in *" KIROPOOL_AGENT=$1"*) echo "$kp_id" ;; esac
        done
    fi
}

# 0 would be this script's own group, and 1 every process of the user.
kp_group() { case $1 in '' | 0 | 1 | *[!0-9]*) return 1 ;; esac; }

# Every sh reads these forms of kill in the same way: busybox takes `--` after `-s 0` for a process, and dash refuses `kill -KILL --`.
kp_signal() { # signal, marker, groups...
    kp_name=$1 kp_of=$2
    shift 2
    for kp_g in "$@"; do kp_group "$kp_g" && kill "-$kp_name" "-$kp_g" 2>/dev/null; done
    for kp_id in $(kp_marked "$kp_of"); do kill "-$kp_name" "$kp_id" 2>/dev/null; done
}

kp_alive() { # marker, groups...
    kp_of=$1
    shift
    for kp_g in "$@"; do kp_group "$kp_g" && kill -0 "-$kp_g" 2>/dev/null && return 0; done
    [ -n "$(kp_marked "$kp_of")" ]
}

# Where each look takes a ps, they are fewer. Some sleeps know no tenths.
kp_step=1
[ -r /proc/self/environ ] || kp_step=5
kp_patience() { # tenths, marker, groups...: whether something is left after them
    kp_left=$1
    shift
    while kp_alive "$@"; do
        [ "$kp_left" -gt 0 ] || return 0
        sleep "0.$kp_step" 2>/dev/null || { sleep 1; kp_left=$((kp_left - 10 + kp_step)); }
        kp_left=$((kp_left - kp_step))
    done
    return 1
}

kp_kill() { # marker, groups...
    kp_tries=20
    while kp_alive "$@" && [ "$kp_tries" -gt 0 ]; do
        kp_signal KILL "$@"
        sleep 0.1 2>/dev/null || sleep 1
        kp_tries=$((kp_tries - 1))
    done
}
