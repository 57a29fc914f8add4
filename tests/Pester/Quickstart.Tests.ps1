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

        # Copies a folder; Copy-Item takes 15 s for this one.
        function Copy-Folder([string] $From, [string] $To) {
            foreach ($file in Get-ChildItem $From -Recurse -File) {
                $copy = Join-Path $To ([IO.Path]::GetRelativePath($From, $file))
                $null = [IO.Directory]::CreateDirectory((Split-Path $copy))
                [IO.File]::Copy($file, $copy)
            }
        }

        # A copy that starts sooner: PowerShell's assemblies are those of this shell, which have machine code.
        $quick = Join-Path $TestDrive quick
        Copy-Folder $program.Directory $quick
        foreach ($file in Get-ChildItem $quick -Recurse -Filter *.dll) {
            $own = Get-Item (Join-Path $PSHOME $file.Name) -ErrorAction Ignore
            if ($own -and $own.VersionInfo.FileVersion -eq $file.VersionInfo.FileVersion) { [IO.File]::Copy($own, $file, $true) }
        }
        $quickProgram = Join-Path $quick $program.Name
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
        ($output | Out-String) | Should -Match '(?m)^Running +\S+ +V2 '
        ($output | Out-String) | Should -Match '(?m)^ +# Outcome +Time +Wait Input +Text\s*$'
        @($output -match '^ +\d Completed .*You said: Summarise').Count | Should -Be @(Get-ChildItem src/KiroPool.Quickstart/*.cs).Count
        $output[-1] | Should -Match '^\d prompts: \d+\.\d s cold, \d+\.\d s warm, \d+\.\d s warm and all at a time\.$'
    }

    It 'runs the same demo on the other engine' {
        $output = & $quickProgram --engine v3 2>&1
        $LASTEXITCODE | Should -Be 0 -Because ($output -join "`n")
        ($output | Out-String) | Should -Match '(?m)^Running +\S+ +V3 '
    }

    It 'ends with 2 for wrong arguments' {
        $null = & $quickProgram --nonsense 2>&1
        $LASTEXITCODE | Should -Be 2
    }

    It 'ends with 11 when the agent cannot be started' {
        $null = & $quickProgram --agent no-such-agent 2>&1
        $LASTEXITCODE | Should -Be 11
    }

    It 'ends with 12 when a prompt fails' {
        $env:KIROPOOL_SIMULATOR = '{ "faults": [{ "at": "prompt", "do": "error" }] }'
        $null = & $quickProgram --agent $Simulator.FullName acp 2>&1
        $LASTEXITCODE | Should -Be 12
    }

    It 'ends with 3 if the module is missing' {
        $copy = Join-Path $TestDrive copy
        Copy-Folder $quick $copy

        # The program contains the path of the module. Another path of the same length does not exist.
        $assembly = Join-Path $copy KiroPool.Quickstart.dll
        $bytes = [Text.Encoding]::Latin1.GetString([IO.File]::ReadAllBytes($assembly))
        [IO.File]::WriteAllBytes($assembly, [Text.Encoding]::Latin1.GetBytes($bytes.Replace('KiroPool.psd1', 'NoModule.psd1')))
        $null = & (Join-Path $copy $program.Name) 2>&1
        $LASTEXITCODE | Should -Be 3
    }
}
