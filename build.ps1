#!/usr/bin/env pwsh
<#
.SYNOPSIS
    Builds, tests and packs KiroPool. All it needs to build and pack is pwsh and the .NET SDK.
.DESCRIPTION
    Build    leaves the importable module in out/KiroPool/<version>/
    Test     runs the xunit tests and the Pester suite
    Pester   runs the Pester suite alone, against what is built
    Docs     checks the scripts with PSScriptAnalyzer and makes docs/en-US/KiroPool.dll-Help.xml of the pages beside it
    Package  leaves out/KiroPool.<version>.nupkg as the PowerShell Gallery takes it; always a Release build
    Install  builds the same and puts it into the user's module folder, or into -Destination
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'Test', 'Pester', 'Docs', 'Package', 'Install')]
    [string[]] $Task = 'Build',

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Debug',

    # Where Install puts the module: a folder of $env:PSModulePath. Default: the user's own.
    [string] $Destination
)
$ErrorActionPreference = 'Stop'
Set-StrictMode -Version Latest
$version = (Import-PowerShellDataFile (Join-Path $PSScriptRoot KiroPool.psd1)).ModuleVersion
$module = Join-Path $PSScriptRoot out package KiroPool $version

function Invoke-DotNet {
    dotnet @args
    if ($LASTEXITCODE -ne 0) { throw "dotnet $args ended with exit code $LASTEXITCODE." }
}

# Imports a tool if there is one that is new enough; else says how to get it.
function Import-Tool([string] $Name, [string] $Version, [string] $For) {
    if (Get-Module $Name -ListAvailable | Where-Object Version -GE $Version) {
        Import-Module $Name -MinimumVersion $Version
        return $true
    }
    Write-Warning "$For left out: Install-PSResource $Name -Version '[$Version,)' brings what it needs."
    $false
}

function Invoke-PesterSuite {
    if (-not (Import-Tool Pester 5.0 'The Pester suite was')) { return }
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

function Build-Doc {
    if (Import-Tool PSScriptAnalyzer 1.22 'The check of the scripts is') {
        $settings = Join-Path $PSScriptRoot PSScriptAnalyzerSettings.psd1
        $scripts = 'build.ps1', 'tools', 'src', 'tests' | ForEach-Object { Get-ChildItem (Join-Path $PSScriptRoot $_) -Recurse -Include *.ps1, *.psd1 } |
            Where-Object FullName -NotMatch '[\\/](bin|obj|node_modules)[\\/]'
        $found = $scripts | ForEach-Object { Invoke-ScriptAnalyzer $_.FullName -Settings $settings }
        if ($found) { throw "PSScriptAnalyzer finds:`n$($found | Out-String -Width 200)" }
    }

    # The help is committed, so that a build without PlatyPS has it.
    if (Import-Tool Microsoft.PowerShell.PlatyPS 1.0 'The help is') {
        & (Join-Path $PSScriptRoot tools New-HelpFile.ps1) -Path (Join-Path $PSScriptRoot docs en-US)
    }
}

# Built afresh and apart, so that the package holds what the sources say, and tests go on with what they know.
function Build-Package {
    Get-Item $module -ErrorAction Ignore | Remove-Item -Recurse
    Invoke-DotNet build (Join-Path $PSScriptRoot src KiroPool) --configuration Release "-p:KiroPoolModuleFolder=$module/"
    & (Join-Path $PSScriptRoot tools New-ModulePackage.ps1) -ModulePath $module -Destination (Join-Path $PSScriptRoot out)
}

function Copy-Module([string] $To) {
    $target = New-Item -ItemType Directory -Force (Join-Path $To KiroPool $version)
    Copy-Item (Join-Path $module *) $target -Recurse -Force
    "KiroPool $version is in $target"
}

Push-Location $PSScriptRoot
try {
    switch ($Task) {
        'Build' { Invoke-DotNet build --configuration $Configuration }
        'Test' { Invoke-DotNet test --configuration $Configuration --max-parallel-test-modules 1; Invoke-PesterSuite }
        'Pester' { Invoke-PesterSuite }
        'Docs' { Build-Doc }
        'Package' { Build-Package }
        'Install' { Build-Package; Copy-Module ($Destination ? $Destination : ($env:PSModulePath -split [IO.Path]::PathSeparator)[0]) }
    }
}
finally {
    Pop-Location
}
