# Runs the README's PowerShell, word for word. The simulator stands in for kiro-cli.

BeforeDiscovery {
    $readme = Get-Content (Join-Path $PSScriptRoot .. .. README.md) -Raw
    $examples = [regex]::Matches($readme, '(?ms)^```powershell\r?\n(.*?)^```') | ForEach-Object -Begin { $n = 0 } {
        @{ Number = ++$n; Code = $_.Groups[1].Value; FirstLine = ($_.Groups[1].Value -split '\r?\n')[0] }
    } | Sort-Object { $_.Code -notmatch 'PSModulePath|KiroPool\.Simulator' }, Number # A reader has the module and kiro-cli before the first prompt.
}

Describe 'README' {
    BeforeAll {
        . (Join-Path $PSScriptRoot Support.ps1)
        # The pool finds kiro-cli on PATH, so the simulator is linked there under that name.
        $bin = New-Item -ItemType Directory (Join-Path $TestDrive bin)
        $null = New-KiroCli $bin
        $path, $modulePath = $env:PATH, $env:PSModulePath
        $env:PATH = $bin.FullName + [System.IO.Path]::PathSeparator + $env:PATH

        # The examples that set paths run in the root of the repository, the others in a folder with the files they name.
        $work = New-Item -ItemType Directory (Join-Path $TestDrive work)
        'class A {}' > (Join-Path $work A.cs)
        'class B {}' > (Join-Path $work B.cs)
        1..30 | ForEach-Object { "error $_" } > (Join-Path $work errors.log)
        'disk full' > (Join-Path $work fatal.log)
        'disk slow' > (Join-Path $work low.log)
        Push-Location $Repository
    }

    AfterAll {
        Pop-Location
        Stop-KiroPool -Force
        Remove-Module KiroPool
        $env:PATH, $env:PSModulePath = $path, $modulePath
    }

    It 'example <Number> runs: <FirstLine>' -ForEach $examples {
        $errors = $null
        if ($Code -notmatch 'PSModulePath|KiroPool\.Simulator') { Set-Location $work }
        $output = & ([scriptblock]::Create($Code)) -ErrorVariable errors 2>&1
        @($output | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] }) | Should -BeNullOrEmpty
        if ($Code -match 'summaries.csv') { (Import-Csv summaries.csv).Text | Should -HaveCount 2 }
        if ($Code -match 'fatal.csv') {
            $rows = @(Import-Csv fatal.csv)
            $rows.severity | Select-Object -Unique | Should -Be 'fatal'
            $rows[0].PSObject.Properties.Name | Should -Be 'hosts', 'severity', 'summary'
        }
        if ($Code -match 'ForEach-Object -Parallel') {
            # Last come the statistics: two questions, two files, the collected lines and three fish.
            $output[-1].Completed | Should -Be 8
        }
    }

    It 'has examples' -ForEach @{ Count = $examples.Count } {
        $Count | Should -BeGreaterThan 1
    }
}
