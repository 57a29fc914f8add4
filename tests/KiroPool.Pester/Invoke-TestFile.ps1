<#
.SYNOPSIS
    Runs one file of the Pester suite, or only finds its tests, and writes what happened as JSON.
#>
[CmdletBinding()]
param(
    # The test file.
    [Parameter(Mandatory)]
    [string] $Path,

    # Pester's manifest.
    [Parameter(Mandatory)]
    [string] $Pester,

    # The file that gets the JSON.
    [Parameter(Mandatory)]
    [string] $Report,

    [switch] $DiscoverOnly
)
$ErrorActionPreference = 'Stop'
Set-StrictMode -Off
$PSStyle.OutputRendering = 'PlainText'
Import-Module $Pester

# Pester adds the display texts; what fails before it comes to that has the plain ones.
function Get-Text($Record) {
    @{
        Message = "$(($Record | ForEach-Object { $_.DisplayErrorMessage ? $_.DisplayErrorMessage : $_.Exception.Message }) -join "`n")"
        Stack   = "$(($Record | ForEach-Object { $_.DisplayStackTrace ? $_.DisplayStackTrace : $_.ScriptStackTrace }) -join "`n")"
    }
}

$configuration = New-PesterConfiguration
$configuration.Run.Path = $Path
$configuration.Run.PassThru = $true
$configuration.Run.SkipRun = $DiscoverOnly.IsPresent
$configuration.Output.Verbosity = 'None'
$names = @($env:KIROPOOL_TEST_NAMES -split "`n" -ne '')
if ($names) { $configuration.Filter.FullName = $names }
$env:KIROPOOL_TEST_NAMES = $null
$run = Invoke-Pester -Configuration $configuration

# A line and a count tell the rows of a -ForEach apart; their names are known only after they have run.
$rows = @{}
$file = Split-Path $Path -Leaf
$tests = foreach ($test in $run.Tests | Where-Object { $DiscoverOnly -or $_.Result -ne 'NotRun' }) {
    $row = ++$rows[$test.StartLine]
    @{
        Id      = "${file}:$($test.StartLine):$row"
        Name    = $test.ExpandedPath ? $test.ExpandedPath : ($test.Path -join '.')
        Result  = "$($test.Result)"
        Started = [DateTimeOffset]($test.ExecutedAt ? $test.ExecutedAt : [datetime]::UnixEpoch)
        Seconds = $test.Duration.TotalSeconds
    } + (Get-Text $test.ErrorRecord)
}
$failures = @(
    foreach ($container in $run.FailedContainers) { @{ Name = $file } + (Get-Text $container.ErrorRecord) }
    foreach ($block in $run.FailedBlocks | Where-Object ErrorRecord) { @{ Name = $block.ExpandedPath ? $block.ExpandedPath : ($block.Path -join '.') } + (Get-Text $block.ErrorRecord) }
)
Set-Content $Report (ConvertTo-Json @{ Tests = @($tests); Failures = $failures } -Depth 4)
