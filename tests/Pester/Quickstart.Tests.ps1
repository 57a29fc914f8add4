# The first command of the README, word for word, and its exit codes.

Describe 'The quickstart' {
    BeforeAll {
        . (Join-Path $PSScriptRoot Support.ps1)
        $readme = Get-Content (Join-Path $Repository README.md) -Raw
        $command = [regex]::Match($readme, '(?m)^dotnet run .*$').Value.Trim()
        $example = [regex]::Match($readme, '(?ms)^```powershell\r?\n(.*?)^```').Groups[1].Value.Trim() -split '\r?\n'

        # Built already; in the configuration of the tests.
        $program = Get-ChildItem (Join-Path $Repository src KiroPool.Quickstart bin) -Recurse -File |
            Where-Object Name -in 'KiroPool.Quickstart', 'KiroPool.Quickstart.exe' |
            Sort-Object LastWriteTime | Select-Object -Last 1
        $settings = $env:KIROPOOL_SIMULATOR
        Push-Location $Repository
    }

    AfterAll { Pop-Location }

    AfterEach { $env:KIROPOOL_SIMULATOR = $settings }

    It 'ends with 0, having typed the first example of the README into the views of the module' {
        if (-not (Get-Command dotnet -ErrorAction Ignore)) { Set-ItResult -Skipped -Because 'there is no dotnet on PATH' }
        # The build of that command takes the configuration from here.
        $configuration = $env:Configuration
        $env:Configuration = $program.Directory.Parent.Name
        try {
            $output = & ([scriptblock]::Create($command))
            $LASTEXITCODE | Should -Be 0 -Because ($output -join "`n")
        }
        finally {
            $env:Configuration = $configuration
        }

        $typed = $output -like 'PS> *' -replace '^PS> '
        $typed[0..($example.Count - 1)] | Should -Be $example
        ($output | Out-String) | Should -Match '(?m)^ +# Outcome +Time +Wait Input +Text\s*$'
        @($output -match '^ +\d Completed .*You said: Summarise').Count | Should -Be @(Get-ChildItem src/KiroPool.Quickstart/*.cs).Count
        $output[-1] | Should -Match '^\d prompts: \d+\.\d s cold, \d+\.\d s warm, \d+\.\d s warm and all at a time\.$'
    }

    It 'runs the same demo on the engine <_>' -ForEach v2, v3 {
        $output = & $program --engine $_ 2>&1
        $LASTEXITCODE | Should -Be 0 -Because ($output -join "`n")
        ($output | Out-String) | Should -Match "(?m)^Running +\S+ +$_ "
    }

    It 'ends with 2 for wrong arguments' {
        $null = & $program --nonsense 2>&1
        $LASTEXITCODE | Should -Be 2
    }

    It 'ends with 11 when the agent cannot be started' {
        $null = & $program --agent no-such-agent 2>&1
        $LASTEXITCODE | Should -Be 11
    }

    It 'ends with 12 when a prompt fails' {
        $env:KIROPOOL_SIMULATOR = '{ "faults": [{ "at": "prompt", "do": "error" }] }'
        $null = & $program --agent $Simulator.FullName acp 2>&1
        $LASTEXITCODE | Should -Be 12
    }

    It 'ends with 3 if the module is missing' {
        $copy = Join-Path $TestDrive copy
        Copy-Item $program.Directory $copy -Recurse

        # The program contains the path of the module. Another path of the same length does not exist.
        $assembly = Join-Path $copy KiroPool.Quickstart.dll
        $bytes = [Text.Encoding]::Latin1.GetString([IO.File]::ReadAllBytes($assembly))
        [IO.File]::WriteAllBytes($assembly, [Text.Encoding]::Latin1.GetBytes($bytes.Replace('KiroPool.psd1', 'NoModule.psd1')))
        $null = & (Join-Path $copy $program.Name) 2>&1
        $LASTEXITCODE | Should -Be 3
    }
}
