# The README's PowerShell, word for word, with the simulator in kiro-cli's place.

BeforeDiscovery {
    $readme = Get-Content (Join-Path $PSScriptRoot .. .. README.md) -Raw
    $examples = [regex]::Matches($readme, '(?ms)^```powershell\r?\n(.*?)^```') | ForEach-Object -Begin { $n = 0 } {
        @{ Number = ++$n; Code = $_.Groups[1].Value; FirstLine = ($_.Groups[1].Value -split '\r?\n')[0] }
    } | Sort-Object { $_.Code -notmatch 'PSModulePath' }, Number # An installed module is on the path before all else.
}

Describe 'README' {
    BeforeAll {
        . (Join-Path $PSScriptRoot Support.ps1)
        # kiro-cli is found on PATH, so that is where the simulator goes, under its name.
        $bin = New-Item -ItemType Directory (Join-Path $TestDrive bin)
        New-Item -ItemType SymbolicLink -Path (Join-Path $bin ('kiro-cli' + $Simulator.Extension)) -Target $Simulator.FullName | Out-Null
        $path, $modulePath = $env:PATH, $env:PSModulePath
        $env:PATH = $bin.FullName + [System.IO.Path]::PathSeparator + $env:PATH

        # The first example is said in the root of the repository; the others run among the files they speak of.
        $work = New-Item -ItemType Directory (Join-Path $TestDrive work)
        'class A {}' > (Join-Path $work A.cs)
        'class B {}' > (Join-Path $work B.cs)
        1..30 | ForEach-Object { "error $_" } > (Join-Path $work errors.log)
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
        if ($Code -notmatch 'PSModulePath') { Set-Location $work }
        $output = & ([scriptblock]::Create($Code)) -ErrorVariable errors 2>&1
        @($output | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] }) | Should -BeNullOrEmpty
        if ($Code -match 'summaries.csv') { (Import-Csv summaries.csv).Text | Should -HaveCount 2 }
        if ($Code -match 'ForEach-Object -Parallel') {
            # Three answers and, last, the statistics: two prompts, two files, twenty lines and three fishes.
            $output[-1].Completed | Should -Be 27
        }
    }

    It 'has examples' -ForEach @{ Count = $examples.Count } {
        $Count | Should -BeGreaterThan 1
    }
}
