#!/usr/bin/env pwsh
<#
.SYNOPSIS
    Builds, tests and packs KiroPool. Building and packing need only pwsh and the .NET SDK.
.DESCRIPTION
    Build    leaves the importable module in out/KiroPool/<version>/
    Test     runs all tests, as 'dotnet test' does
    Pester   runs the Pester suite alone, in the PowerShell that runs this script
    Docs     checks the scripts with PSScriptAnalyzer and generates docs/en-US/KiroPool.dll-Help.xml from the pages
    Package  leaves out/KiroPool.<version>.nupkg as the PowerShell Gallery takes it, and the folder it is made of; always
             a Release build
    Install  builds the same and copies it to the user's module folder, or to -Destination
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'Test', 'Pester', 'Docs', 'Package', 'Install')]
    [string[]] $Task = 'Build',

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Debug',

    # The target of Install: a folder of $env:PSModulePath. Default: the user's module folder.
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

# Imports a tool if it is installed and new enough; otherwise prints the command that installs it.
function Import-Tool([string] $Name, [string] $Version, [string] $For) {
    if (Get-Module $Name -ListAvailable | Where-Object Version -GE $Version) {
        Import-Module $Name -MinimumVersion $Version
        return $true
    }
    Write-Warning "$For skipped. To get the tool: Install-PSResource $Name -Version '[$Version,)'"
    $false
}

# Runs in the present PowerShell. Without this task the tests restore their own.
function Invoke-PesterSuite {
    $pwsh = (Get-Process -Id $PID).Path
    $shell = (Split-Path $pwsh -LeafBase) -eq 'dotnet' ? @() : @('--pwsh', $pwsh)
    Invoke-DotNet test --project (Join-Path tests KiroPool.Pester) --configuration $Configuration @shell
}

function Build-Doc {
    if (Import-Tool PSScriptAnalyzer 1.22 'The check of the scripts is') {
        $settings = Join-Path $PSScriptRoot PSScriptAnalyzerSettings.psd1
        $scripts = 'build.ps1', 'tools', 'src', 'tests' | ForEach-Object { Get-ChildItem (Join-Path $PSScriptRoot $_) -Recurse -Include *.ps1, *.psd1 } |
            Where-Object FullName -NotMatch '[\\/](bin|obj|node_modules)[\\/]'
        $found = $scripts | ForEach-Object { Invoke-ScriptAnalyzer $_.FullName -Settings $settings }
        if ($found) { throw "PSScriptAnalyzer finds:`n$($found | Out-String -Width 200)" }
    }

    # The help is committed, so that a build needs no PlatyPS.
    if (Import-Tool Microsoft.PowerShell.PlatyPS 1.0 'The help is') {
        & (Join-Path $PSScriptRoot tools New-HelpFile.ps1) -Path (Join-Path $PSScriptRoot docs en-US)
    }
}

# A clean, separate build, so that the package matches the sources and the build for the tests stays.
function Build-Package {
    Get-Item $module -ErrorAction Ignore | Remove-Item -Recurse
    Invoke-DotNet build (Join-Path $PSScriptRoot src KiroPool) --configuration Release '-p:DebugType=none' "-p:KiroPoolModuleFolder=$module/"
    $package = & (Join-Path $PSScriptRoot tools New-ModulePackage.ps1) -ModulePath $module -Destination (Join-Path $PSScriptRoot out)
    "Folder, for Publish-PSResource -Path: $module"
    "Package, for Publish-PSResource -NupkgPath: $package"
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
        'Test' { Invoke-DotNet test --configuration $Configuration --max-parallel-test-modules 1 }
        'Pester' { Invoke-PesterSuite }
        'Docs' { Build-Doc }
        'Package' { Build-Package }
        'Install' { Build-Package; Copy-Module ($Destination ? $Destination : ($env:PSModulePath -split [IO.Path]::PathSeparator)[0]) }
    }
}
finally {
    Pop-Location
}
