# Shared by the suites, which dot-source it in BeforeAll.

$Repository = Resolve-Path (Join-Path $PSScriptRoot .. ..)
$Manifest = Get-ChildItem (Join-Path $Repository out KiroPool) -Recurse -Filter KiroPool.psd1 | Sort-Object LastWriteTime | Select-Object -Last 1
$Simulator = Get-ChildItem (Join-Path $Repository src KiroPool.Simulator bin) -Recurse -File |
    Where-Object { $_.BaseName -eq 'kiro-cli-simulator' -and $_.Extension -in '', '.exe' } |
    Sort-Object LastWriteTime | Select-Object -Last 1
if (-not $Manifest -or -not $Simulator) { throw 'Build first: the suite tests what dotnet build leaves.' }

# The program of the pwsh that runs, and its first arguments: where it came as a .NET tool, dotnet runs it.
$Pwsh = (Get-Process -Id $PID).Path
$PwshArguments = @(if ((Split-Path $Pwsh -LeafBase) -eq 'dotnet') { Join-Path $PSHOME pwsh.dll }) + '-NoProfile', '-NonInteractive'

# A Windows client runs no scripts by default; the shells that tests start inherit this.
$env:PSExecutionPolicyPreference = 'Bypass'

# Makes a program in a folder that is the simulator. On Windows, links need a right of their own, so it is a batch file as
# npm writes it.
function New-KiroCli([string] $Folder, [string] $Name = 'kiro-cli') {
    if (-not $IsWindows) {
        return New-Item -ItemType SymbolicLink -Path (Join-Path $Folder $Name) -Target $Simulator.FullName
    }
    $target = [IO.Path]::GetRelativePath($Folder, $Simulator.FullName)
    $head = '@ECHO off', 'GOTO start', ':find_dp0', 'SET dp0=%~dp0', 'EXIT /b', ':start', 'SETLOCAL', 'CALL :find_dp0'
    $path = Join-Path $Folder "$Name.cmd"
    Set-Content $path ($head + "`"%dp0%\$target`"   %*")
    Get-Item $path
}

# Settings of the simulator, as Start-KiroPool -Environment takes them.
function Get-SimulatorEnvironment([hashtable] $Settings = @{}) {
    @{ KIROPOOL_SIMULATOR = ConvertTo-Json $Settings -Compress -Depth 5 }
}

# A pool on the simulator.
function Start-SimulatorPool([hashtable] $Settings = @{}, [hashtable] $With = @{}) {
    Start-KiroPool -FilePath $Simulator.FullName -Environment (Get-SimulatorEnvironment $Settings) @With
}

# The events of a log file, one object each.
function Get-AgentLog([string] $Path, [string] $Name = '*') {
    if (Test-Path $Path) { Get-Content $Path | ConvertFrom-Json | Where-Object event -Like $Name }
}

# The living processes of a log file.
function Get-LivingAgent([string] $Path) {
    Get-AgentLog $Path start | ForEach-Object { Get-Process -Id $_.pid -ErrorAction Ignore } | Where-Object { -not $_.HasExited }
}

# Waits until a condition is true, and returns whether it is. The limit only keeps a broken test from hanging.
function Wait-Until([scriptblock] $Condition, [double] $Seconds = 30) {
    $limit = [datetime]::UtcNow.AddSeconds($Seconds)
    while ([datetime]::UtcNow -lt $limit) {
        if (& $Condition) { return $true }
        Start-Sleep -Milliseconds 50
    }
    [bool](& $Condition)
}

# Runs a script in a new pwsh with the module imported, and returns its output.
function Invoke-Pwsh([string] $Script) {
    & $Pwsh @PwshArguments -Command "`$PSStyle.OutputRendering = 'PlainText'; Import-Module '$($Manifest.FullName)'; $Script" 2>&1
}
