#!/usr/bin/env pwsh
<#
.SYNOPSIS
    Builds and tests KiroPool.
.DESCRIPTION
    Build   leaves the importable module in out/KiroPool/<version>/
    Test    runs the xunit tests and, where Pester is there, the Pester suite
    Pester  runs the Pester suite alone, against what is built
#>
param(
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'Test', 'Pester')]
    [string[]] $Task = 'Build',

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Debug'
)
$ErrorActionPreference = 'Stop'
Set-StrictMode -Version Latest

function Invoke-DotNet {
    dotnet @args
    if ($LASTEXITCODE -ne 0) { throw "dotnet $args ended with exit code $LASTEXITCODE." }
}

function Invoke-PesterSuite {
    if (-not (Get-Module Pester -ListAvailable | Where-Object Version -GE '5.0')) {
        Write-Warning 'The Pester suite was not run: Install-Module Pester -MinimumVersion 5.0 brings what it needs.'
        return
    }

    Import-Module Pester -MinimumVersion 5.0
    $suite = New-PesterConfiguration
    $suite.Run.Path = Join-Path $PSScriptRoot tests Pester
    $suite.Run.PassThru = $true
    $suite.Output.Verbosity = 'Detailed'
    $result = Invoke-Pester -Configuration $suite
    "Pester passed: $($result.PassedCount)"
    "Pester failed: $($result.FailedCount + $result.FailedBlocksCount + $result.FailedContainersCount)"
    "Pester skipped: $($result.SkippedCount + $result.NotRunCount)"
    if ($result.Result -ne 'Passed') { throw 'The Pester suite failed.' }
}

Push-Location $PSScriptRoot
try {
    switch ($Task) {
        'Build' { Invoke-DotNet build --configuration $Configuration }
        'Test' { Invoke-DotNet test --configuration $Configuration; Invoke-PesterSuite }
        'Pester' { Invoke-PesterSuite }
    }
}
finally {
    Pop-Location
}
