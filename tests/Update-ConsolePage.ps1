<#
.SYNOPSIS
    Types the commands of docs/console.md into a real console and writes what the screen shows into the page.
.DESCRIPTION
    Each ```console block of the page is one screen, 80 columns wide unless a number follows the word; what is typed must fit its line. The lines after a
    prompt ("PS> ", "> " or "agent (model)> ") are typed; the rest is output. The simulator stands in for kiro-cli. Needs tmux.

    With -Check the page stays as it is, and each screen that differs is written as an object. Times, sizes and process ids
    do not count.
#>
[CmdletBinding()]
param(
    [string] $Page = (Join-Path $PSScriptRoot .. docs console.md),

    [switch] $Check
)
$ErrorActionPreference = 'Stop'
Set-StrictMode -Version Latest

# A console that has ended is an error at once: no prompt would ever come.
$PSNativeCommandUseErrorActionPreference = $true
. (Join-Path $PSScriptRoot Pester Support.ps1)

$prompt = '^(PS>|>|\S+ \([^)]+\)>)(?: (?<typed>.*))?$'

# What differs from run to run.
function ConvertTo-Stable([string] $Screen) {
    $lines = $Screen -split '\r?\n' | ForEach-Object {
        $_ -replace '\b\d+ min \d+ s\b|\b\d+(\.\d+)? m?s\b', '<time>' -replace '\b\d+(\.\d+)? [MG]B\b', '<size>' -replace '\b\d+\.\d+\b', '<number>' -replace '(?<=process |^ *)\d{2,}\b', '<pid>' `
            -replace ' · waited <time>', '' -replace '─+', '─' -replace '-{3,}', '---' -replace '\s+', ' '
    }
    ($lines | ForEach-Object Trim | Where-Object { $_ }) -join "`n"
}

function Get-Screen { (tmux -L $socket capture-pane -t page -p) -join "`n" }

# Waits for a prompt without text on the last line that is not empty.
function Wait-Prompt([string] $Typed) {
    $null = Wait-Until {
        $screen = (Get-Screen).TrimEnd()
        $last = ($screen -split "`n")[-1]
        $last -match $prompt -and -not $Matches['typed'] -and (-not $Typed -or $screen.Contains($Typed.Substring(0, [Math]::Min(20, $Typed.Length))))
    } 60
}

# One console: a folder with three files, a pool's worth of simulator under the name kiro-cli.
function Start-Console([int] $Width, [string] $Folder) {
    $bin = New-Item -ItemType Directory -Force (Join-Path $Folder bin)
    $null = New-Item -ItemType SymbolicLink -Force -Path (Join-Path $bin "kiro-cli$($Simulator.Extension)") -Target $Simulator.FullName
    $shop = New-Item -ItemType Directory -Force (Join-Path $Folder shop)
    'Cart', 'Order', 'Program' | ForEach-Object { Set-Content (Join-Path $shop "$_.cs") "class $_ { }" }
    $start = Join-Path $Folder start.ps1
    @"
`$env:PATH = '$bin' + [IO.Path]::PathSeparator + `$env:PATH
`$env:KIROPOOL_SIMULATOR = '{ "startMs": 300, "turnMs": 200 }'
if (Get-Module PSReadLine -ListAvailable) { Set-PSReadLineOption -PredictionSource None }
Import-Module '$($Manifest.FullName)'
Set-Location '$shop'
function prompt { 'PS> ' }
Clear-Host
"@ | Set-Content $start
    tmux -L $socket -f /dev/null new-session -d -s page -x $Width -y 60 "$((@($Pwsh) + $PwshArguments -ne '-NonInteractive').ForEach{ "'$_'" }) -NoExit -File '$start'"
    Wait-Prompt
}

function Get-Typed([string] $Block) { $Block -split '\r?\n' | ForEach-Object { if ($_ -match $prompt -and $Matches['typed']) { $Matches['typed'] } } }

function Read-Screen([string] $Block, [int] $Width) {
    # Each console has a server of its own, because the one before may still be ending.
    $script:socket = "kiropool-page-$PID-$((++$script:consoles))"
    $folder = Join-Path ([IO.Path]::GetTempPath()) "kp$PID"
    try {
        Start-Console $Width $folder
        foreach ($typed in Get-Typed $Block) {
            tmux -L $socket send-keys -t page -l $typed
            Start-Sleep -Milliseconds 150
            tmux -L $socket send-keys -t page Enter
            Start-Sleep -Milliseconds 300
            Wait-Prompt $typed
        }
        $lines = (Get-Screen).TrimEnd() -split "`n" | ForEach-Object TrimEnd
        if ($lines[-1] -match $prompt -and -not $Matches['typed']) { $lines = $lines[0..($lines.Count - 2)] }
        ($lines -join "`n").Trim("`n").Replace($folder, '/home/me').Replace((Join-Path ([IO.Path]::GetTempPath()) ''), '/tmp/')
    }
    finally {
        $PSNativeCommandUseErrorActionPreference = $false
        tmux -L $socket kill-server 2>$null
        Remove-Item $folder -Recurse -Force -ErrorAction Ignore
    }
}

$text = Get-Content $Page -Raw
$blocks = [regex]::Matches($text, '(?ms)^```console(?: (?<width>\d+))?\n(?<screen>.*?)\n```$')
$result = [Text.StringBuilder]::new()
$consoles = 0
$at = 0
foreach ($block in $blocks) {
    $width = $block.Groups['width'].Success ? [int] $block.Groups['width'].Value : 80
    $screen = Read-Screen $block.Groups['screen'].Value $width
    if ($Check -and (ConvertTo-Stable $screen) -cne (ConvertTo-Stable $block.Groups['screen'].Value)) {
        [pscustomobject]@{ Typed = (Get-Typed $screen) -join '; '; Page = ConvertTo-Stable $block.Groups['screen'].Value; Screen = ConvertTo-Stable $screen }
    }
    $null = $result.Append($text, $at, $block.Groups['screen'].Index - $at).Append($screen)
    $at = $block.Groups['screen'].Index + $block.Groups['screen'].Length
}
if (-not $Check) { Set-Content $Page $result.Append($text, $at, $text.Length - $at).ToString() -NoNewline }
