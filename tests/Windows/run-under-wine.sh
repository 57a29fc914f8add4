#!/usr/bin/env bash
# Runs the Windows build under Wine, from nothing: root on Debian, with the .NET SDK and access to Debian and NuGet.
#   tests/Windows/run-under-wine.sh [SUITE...]     suites: smoke engine engine8 cmdlets pester; without a name, all of them
# KIROPOOL_WINE is the folder for everything (about 4 GB, kept for the next run); the logs are in its folder "logs".
# FILTER holds arguments for the test programs, such as --filter-class '*Launcher*'.
set -euo pipefail
repository=$(realpath "$(dirname "$0")/../..")
W=$(realpath -m "${KIROPOOL_WINE:-/var/cache/kiropool-wine}")
suites=("$@"); [ $# -gt 0 ] || suites=(smoke engine engine8 cmdlets pester)
filter=(); [ -z "${FILTER:-}" ] || eval "filter=($FILTER)"
runtime=10.0.14 runtime8=8.0.31 powershell=$(sed -nE 's/.*<PowerShellToolVersion>(.*)<.*/\1/p' "$repository/Directory.Packages.props")
packages=${NUGET_PACKAGES:-$HOME/.nuget/packages}
root=$W/debian work=$W/repository logs=$W/logs
export DEBIAN_FRONTEND=noninteractive DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1
mkdir -p "$W"/{packs,dotnet,home,tools} "$logs"

say() { printf '%s  %s\n' "$(date +%T)" "$*"; }
windows_path() { printf 'Z:%s' "${1//\//\\}"; }

# Debian 13's Wine 10, in a root of its own: Debian 12's Wine 8 hangs in exceptions that cross emitted frames.
install_wine() {
    local mirror
    command -v x86_64-w64-mingw32-gcc >/dev/null && command -v debootstrap >/dev/null && command -v rsync >/dev/null \
        || { apt-get update -qq; apt-get install -y -qq debootstrap gcc-mingw-w64-x86-64 rsync >/dev/null; }
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
}

# DOTNET_EnableAVX: Wine loses the upper halves of the registers. mscoree stays on: every assembly imports it.
write_environment() {
    cat > "$W/environment.sh" <<SETTINGS
export HOME=$W/home XDG_RUNTIME_DIR=$W/home WINEPREFIX=$W/prefix WINEDEBUG=-all WINEDLLOVERRIDES='mshtml=;winedbg.exe=d'
export DOTNET_ROOT='$(windows_path "$W/dotnet")' DOTNET_EnableWriteXorExecute=0 DOTNET_EnableAVX=0
export POWERSHELL_TELEMETRY_OPTOUT=1 POWERSHELL_UPDATECHECK=Off DOTNET_CLI_TELEMETRY_OPTOUT=1
SETTINGS
}

in_wine() { chroot "$root" /bin/bash -c ". '$W/environment.sh'; cd '$W'; exec \"\$@\"" in_wine "$@"; }

# Runs a Windows program in a console without a window.
run_windows() { in_wine wine "$(windows_path "$W/tools/nowin.exe")" "$@" </dev/null; }

# One long process keeps Wine's services up: a start then takes 0.7 s instead of 8 s.
start_wine() {
    [ -d "$W/prefix/drive_c" ] || in_wine wineboot -i >/dev/null 2>&1 || true
    in_wine wineserver -p
    in_wine wine cmd /c 'ping -n 100000 127.0.0.1' </dev/null >/dev/null 2>&1 &
    keeper=$!
    trap 'kill $keeper 2>/dev/null; in_wine wineserver -k || true' EXIT
}

# Builds a copy, so that the programs of the repository stay those of this system.
build() {
    local target=(-r win-x64 --self-contained true -p:AppendRuntimeIdentifierToOutputPath=false -p:BuildProjectReferences=false -p:RunAnalyzers=false -v:q -nologo)
    rsync -a --delete --exclude .git --exclude bin --exclude obj --exclude out --exclude node_modules "$repository/" "$work/"
    cd "$work"
    dotnet build src/KiroPool -v:q -nologo -p:RunAnalyzers=false || return 1
    for project in src/KiroPool.Simulator tests/TestHost src/KiroPool.Quickstart tests/KiroPool.Tests tests/KiroPool.Pester; do
        wanted "$project" || continue
        dotnet build "$project" "${target[@]}" -p:RuntimeFrameworkVersion=$runtime || return 1
        # Projects that refer to it look for the program of this system, which was not built.
        touch "$project/obj/Debug/net10.0/apphost"
    done
    ! wanted engine || dotnet build tests/KiroPool.Engine.Tests -f net10.0 "${target[@]}" -p:RuntimeFrameworkVersion=$runtime || return 1
    ! wanted engine8 || dotnet build tests/KiroPool.Engine.Tests -f net8.0 "${target[@]}" -p:RuntimeFrameworkVersion=$runtime8
}

# Whether a suite was asked for, or a project that one of them needs.
wanted() {
    case $1 in
        */KiroPool.Tests) wanted cmdlets ;;
        */KiroPool.Pester | */KiroPool.Quickstart) wanted pester ;;
        */*) true ;;
        *) [[ " ${suites[*]} " == *" $1 "* ]] ;;
    esac
}

# Prints a line for a suite: its counts, its time and its log.
suite() {
    local name=$1 started=$SECONDS code=0 counts; shift
    "$@" > "$logs/$name.log" 2>&1 || code=$?
    counts=$(tr -d '\r' < "$logs/$name.log" | sed -nE 's/^ *(total|failed|succeeded|skipped): *([0-9]+).*/\1 \2/p' | paste -sd, | sed 's/,/, /g')
    say "$name: exit code $code${counts:+; $counts}; $((SECONDS - started)) s; $logs/$name.log"
    [ $code -eq 0 ] || failed=1
}

test_program() {
    local folder=$1; shift
    run_windows "$(windows_path "$work/$folder")" --no-ansi --progress off "$@" "${filter[@]}"
}

smoke() {
    run_windows "$(windows_path "$W/pwsh/pwsh.exe")" -NoProfile -NonInteractive -ExecutionPolicy Bypass -File "$(windows_path "$work/tests/Windows/Smoke.ps1")"
}

say "Wine: $root"; install_wine > "$logs/setup.log" 2>&1
say "Runtime and PowerShell: $W"; install_dotnet >> "$logs/setup.log" 2>&1
write_environment
[ "${suites[*]}" != setup ] || exit 0
say "Build: $work"; build > "$logs/build.log" 2>&1 || { tail -n 20 "$logs/build.log"; exit 1; }
start_wine
failed=0
for name in "${suites[@]}"; do
    case $name in
        smoke) suite smoke smoke ;;
        engine) suite engine test_program tests/KiroPool.Engine.Tests/bin/Debug/net10.0/KiroPool.Engine.Tests.exe ;;
        engine8) suite engine8 test_program tests/KiroPool.Engine.Tests/bin/Debug/net8.0/KiroPool.Engine.Tests.exe ;;
        cmdlets) suite cmdlets test_program tests/KiroPool.Tests/bin/Debug/net10.0/KiroPool.Tests.exe ;;
        pester) suite pester test_program tests/KiroPool.Pester/bin/Debug/net10.0/KiroPool.Pester.exe --pwsh "$(windows_path "$W/pwsh/pwsh.exe")" ;;
        *) say "unknown suite '$name'"; failed=1 ;;
    esac
done
exit $failed
