# Sourced by run-under-wine.sh: runs a test program in parts, each a process with some of its classes, and adds up what
# they report. A fault of Wine ends a process; it then costs a part and not the suite.
classes_per_part=6
time_limit=20m

# The test classes of a program. Those of one folder follow each other.
list_classes() {
    run_windows "$1" --no-ansi --list-tests | tr -d '\r' | sed -nE 's/^ +([A-Za-z0-9_.+]+)\.[A-Za-z0-9_]+(\(.*)?$/\1/p' | sort -u
}

# Runs a program once: its log, the program, its arguments. A process that ended by itself has written its counts.
run_once() {
    local log=$1; shift
    in_wine timeout "$time_limit" "${windowless[@]}" "$@" --no-ansi --progress off --output detailed </dev/null 2>&1 | sed -u 's/\r$//' > "$log" || true
    grep -qE '^ *total: *[0-9]+' "$log" && return
    restart_wine
    return 1
}

# Runs all classes of a program, and a crashed part a second time.
run_parts() {
    local folder=$1 program=$2 classes some log first parts=0 crashed=0 again=0
    mapfile -t classes < <(list_classes "$program")
    for ((first = 0; first < ${#classes[@]}; first += classes_per_part)); do
        some=("${classes[@]:first:classes_per_part}")
        parts=$((parts + 1))
        log=$folder/$(printf '%02d' "$parts").log
        run_once "$log" "$program" --filter-class "${some[@]}" && continue
        crashed=$((crashed + 1))
        mv "$log" "${log%.log}.crash"
        run_once "$log" "$program" --filter-class "${some[@]}" && continue
        again=$((again + 1))
        printf 'crashed twice: %s\n' "${some[*]}" >> "$log"
    done
    crashes="$crashed of $parts parts crashed, $again of them again"
    [ "$parts" -gt 0 ] && [ "$again" -eq 0 ]
}

# The counts of all logs of a suite, as "total 9, failed 1, succeeded 7, skipped 1".
add_counts() {
    awk -F: '/^ *(total|failed|succeeded|skipped): *[0-9]+/ { gsub(/ /, "", $1); sum[$1] += $2 }
        END { if ("total" in sum) printf "total %d, failed %d, succeeded %d, skipped %d", sum["total"], sum["failed"], sum["succeeded"], sum["skipped"] }' "$@"
}

# Each failed test with its message, and the classes of each part without an end.
list_failures() {
    awk '/^(passed|skipped|failed|crashed twice:|Test run summary:) / { shows = /^(failed|crashed twice:)/ } shows' "$@"
}
